// Sample flows of the vendor's browser clients in a headless Chromium: node flows.mjs NAME PORT.
// Starts the sample application at the port, walks through it, prints one line of JSON.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import express from "express";
import openid from "express-openid-connect";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const [flow, port] = process.argv.slice(2);
const { AUTH0_DOMAIN: domain, APP_CLIENT_ID: clientId, APP_CLIENT_SECRET: clientSecret } = process.env;
const origin = `http://localhost:${port}`;
const email = "ada@example.com";
const password = "Long-enough-1!";

// A profile of its own that lets frames of other sites send cookies: silent authentication needs
// that, except on a custom domain.
const profile = mkdtempSync(join(tmpdir(), "chromium-"));
mkdirSync(join(profile, "Default"));
const preferences = { profile: { block_third_party_cookies: false, cookie_controls_mode: 0 } };
writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
  ignoreHTTPSErrors: true,
  proxy: process.env.HTTPS_PROXY ? { server: process.env.HTTPS_PROXY, bypass: "localhost" } : undefined,
});
const page = await context.newPage();
page.setDefaultTimeout(60_000);

async function fillIn(page) {
  await page.fill("input[name=username]", email);
  await page.click("button[value=default]");
  await page.fill("input[name=password]", password);
  await page.click("button[value=default]");
}

async function logIn() {
  await page.waitForURL((url) => url.host === domain);
  await fillIn(page);
  await page.waitForURL((url) => url.origin === origin);
}

function listen(app) {
  return new Promise((resolve) => app.listen(Number(port), "127.0.0.1", resolve));
}

async function expressFlow() {
  const app = express();
  app.use(
    openid.auth({
      issuerBaseURL: `https://${domain}`,
      baseURL: origin,
      clientID: clientId,
      clientSecret,
      secret: "a secret of the sample that is long enough",
      authRequired: false,
      auth0Logout: true,
      idpLogout: true,
      authorizationParams: { response_type: "code", scope: "openid profile email" },
    }),
  );
  app.get("/", (request, response) => response.send(String(request.oidc.isAuthenticated())));
  app.get("/profile", openid.requiresAuth(), async (request, response) => {
    response.json({ user: request.oidc.user, info: await request.oidc.fetchUserInfo() });
  });
  await listen(app);
  await page.goto(`${origin}/`);
  const before = await page.textContent("body");
  await page.goto(`${origin}/profile`);
  await logIn();
  const profile = JSON.parse(await page.textContent("body"));
  await page.goto(`${origin}/logout`);
  await page.waitForURL((url) => url.origin === origin);
  const after = await page.textContent("body");
  return { before, email: profile.user.email, info: profile.info.email, after };
}

const HTML = '<!doctype html><title>Sample</title><div id="root"></div><script src="/app.js"></script>';

function serveScript(script) {
  const server = createServer((request, response) => {
    const isScript = request.url === "/app.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : HTML);
  });
  return listen(server);
}

async function spaFlow() {
  const library = require.resolve("@auth0/auth0-spa-js/dist/auth0-spa-js.production.js");
  await serveScript(readFileSync(library));
  const options = {
    domain,
    clientId,
    useRefreshTokens: flow === "spa-refresh",
    cacheLocation: "localstorage",
    authorizationParams: { redirect_uri: origin, audience: "https://api.example.com" },
  };
  const make = async (given) => {
    window.client = new auth0.Auth0Client(given);
    if (location.search.includes("code=")) await window.client.handleRedirectCallback();
  };
  await page.goto(origin);
  await page.evaluate(make, options);
  await page.evaluate(() => window.client.loginWithRedirect());
  await logIn();
  await page.evaluate(make, options);
  const user = await page.evaluate(() => window.client.getUser());
  const first = await page.evaluate(() => window.client.getTokenSilently());
  const fresh = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100)); // tokens of one second are alike
    return window.client.getTokenSilently({ cacheMode: "off" });
  };
  const second = await page.evaluate(fresh);
  const third = await page.evaluate(fresh);
  await page.evaluate((to) => window.client.logout({ logoutParams: { returnTo: to } }), origin);
  await page.waitForURL((url) => url.href === `${origin}/`);
  await page.evaluate(make, options);
  const after = await page.evaluate(() => window.client.isAuthenticated());
  const refused = await page.evaluate(() =>
    window.client.getTokenSilently({ cacheMode: "off" }).catch((error) => error.error),
  );
  return { email: user.email, renewed: new Set([first, second, third]).size, after, refused };
}

async function popupFlow() {
  const library = require.resolve("@auth0/auth0-spa-js/dist/auth0-spa-js.production.js");
  await serveScript(readFileSync(library));
  await page.goto(origin);
  const opened = page.waitForEvent("popup");
  const done = page.evaluate(
    async (given) => {
      const client = new auth0.Auth0Client(given);
      await client.loginWithPopup();
      return client.getUser();
    },
    { domain, clientId, authorizationParams: { redirect_uri: origin } },
  );
  const popup = await opened;
  await fillIn(popup);
  return { email: (await done).email };
}

async function reactFlow() {
  const built = buildSync({
    entryPoints: [fileURLToPath(new URL("react.jsx", import.meta.url))],
    bundle: true,
    write: false,
    jsx: "automatic",
    define: {
      DOMAIN: JSON.stringify(domain),
      CLIENT_ID: JSON.stringify(clientId),
      "process.env.NODE_ENV": '"production"',
    },
  });
  await serveScript(built.outputFiles[0].text);
  await page.goto(origin);
  await page.click("text=Log in");
  await logIn();
  await page.waitForSelector("text=Hello");
  const greeting = await page.textContent("p");
  await page.click("text=Log out");
  await page.waitForSelector("text=Log in");
  return { greeting };
}

async function nextFlow() {
  const folder = fileURLToPath(new URL("nextjs", import.meta.url));
  const next = require.resolve("next/dist/bin/next");
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: "1",
    AUTH0_CLIENT_ID: clientId,
    AUTH0_CLIENT_SECRET: clientSecret,
    AUTH0_SECRET: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    APP_BASE_URL: origin,
    NODE_OPTIONS: `--import ${new URL("nextjs/env-proxy.mjs", import.meta.url)}`,
  };
  execFileSync(process.execPath, [next, "build"], { cwd: folder, env, stdio: ["ignore", 2, 2] });
  const server = spawn(process.execPath, [next, "start", "-p", port, "-H", "127.0.0.1"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await new Promise((resolve) =>
      server.stdout.on("data", (data) => String(data).includes("Ready") && resolve()),
    );
    await page.goto(`${origin}/`);
    const before = await page.textContent("p");
    await page.goto(`${origin}/auth/login`);
    await logIn();
    const greeting = await page.textContent("p");
    await page.goto(`${origin}/auth/logout`);
    await page.waitForURL((url) => url.origin === origin);
    return { before, greeting, after: await page.textContent("p") };
  } finally {
    server.kill();
  }
}

const FLOWS = {
  nextjs: nextFlow,
  express: expressFlow,
  "spa-refresh": spaFlow,
  "spa-iframe": spaFlow,
  "spa-popup": popupFlow,
  react: reactFlow,
};
try {
  console.log(JSON.stringify(await FLOWS[flow]()));
} catch (error) {
  console.error(error, await page.content());
  process.exitCode = 1;
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
process.exit();
