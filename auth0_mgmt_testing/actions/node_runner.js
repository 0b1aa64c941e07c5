// Runs one action in node: JSON lines on stdin and stdout, each behind a mark that the parent chose.
"use strict";
// What code does to the globals does not reach these.
const { Buffer } = require("buffer");
const { parse, stringify } = JSON;
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const vm = require("vm");
const { createRequire } = require("module");
const readline = require("readline");

const [here, folder, mark] = process.argv.slice(2);
// The line break ends what the code itself may have written, which may have filled the pipe, too.
function write(value) {
  let rest = Buffer.from(`\n${mark}${value}\n`);
  while (rest.length) {
    try {
      rest = rest.subarray(fs.writeSync(1, rest));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}
let open = 0;
let started = false;

const part = (value) => Buffer.from(stringify(value)).toString("base64url");
const read = (text) => parse(Buffer.from(text, "base64url").toString());
const sign = (secret, text) => crypto.createHmac("sha256", secret).update(text).digest("base64url");

// What `api.redirect` makes and reads; `now` is the tenant's time in milliseconds.
const tokens = {
  encode({ secret, payload, expiresInSeconds }, event, now) {
    const issued = Math.floor(now / 1000);
    const claims = {
      ...(payload || {}),
      iat: issued,
      exp: issued + (expiresInSeconds || 900),
      iss: event.request && event.request.hostname,
      sub: event.user && event.user.user_id,
      ip: event.request && event.request.ip,
    };
    const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
    return `${text}.${sign(secret, text)}`;
  },

  validate({ secret, tokenParameterName }, event, now) {
    const name = tokenParameterName || "session_token";
    const { query = {}, body = {} } = event.request || {};
    const token = query[name] || body[name];
    if (typeof token !== "string") throw new Error(`There is no parameter ${name} to validate`);
    const [header, claims, proof] = token.split(".");
    const right = Buffer.from(sign(secret, `${header}.${claims}`));
    const given = Buffer.from(String(proof));
    if (right.length !== given.length || !crypto.timingSafeEqual(right, given)) {
      throw new Error(`The signature of ${name} is invalid`);
    }
    if (read(header).alg !== "HS256") throw new Error(`${name} must be signed with HS256`);
    const payload = read(claims);
    if (typeof payload.exp !== "number" || payload.exp <= now / 1000) throw new Error(`${name} has expired`);
    if (payload.sub !== (event.user && event.user.user_id)) throw new Error(`${name} is of another user`);
    if (payload.state !== undefined && payload.state !== (query.state || body.state)) {
      throw new Error(`The state of ${name} is that of another log-in`);
    }
    return payload;
  },
};

const platform = {
  tokens,
  require: createRequire(path.join(folder, "action.js")),
  send(request) {
    open += 1;
    process.stdin.ref();
    write(stringify({ fetch: request }));
  },
};
const load = (name) =>
  vm.runInThisContext(fs.readFileSync(path.join(here, name), "utf8"), { filename: name });
const host = load("prelude.js")({ ...platform, fetch: load("fetch.js") });
let ended = false;

function end() {
  if (ended) return;
  ended = true;
  write(stringify({ progress: host("poll"), result: host("result") }));
}

process.on("exit", end);
process.on("unhandledRejection", () => undefined);
process.on("uncaughtException", (error) => host("fail", error));
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  if (!started) {
    started = true;
    write(stringify({ started }));
    host("start", line);
  } else {
    open -= 1;
    host("respond", line);
  }
  if (open === 0) process.stdin.unref();
  const watch = () => {
    if (parse(host("poll")).done) {
      end();
      process.exit(0);
    }
  };
  const timer = setInterval(watch, 1);
  timer.unref();
  setImmediate(watch);
});
