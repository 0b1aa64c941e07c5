// Every call of the reference that npm `auth0` contains, made once. Prints one JSON line a call:
// its name, the status of the response (0: none), and the error's message.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const { ManagementClient } = require("auth0");
const root = dirname(dirname(dirname(require.resolve("auth0"))));
const reference = readFileSync(join(root, "reference.md"), "utf8");

const client = new ManagementClient({
  domain: process.env.AUTH0_DOMAIN,
  clientId: process.env.AUTH0_CLIENT_ID,
  clientSecret: process.env.AUTH0_CLIENT_SECRET,
  retry: { enabled: false },
});

function firstCall(block) {
  const begin = block.indexOf("client.");
  let depth = 0;
  let quote = "";
  for (let at = begin; at < block.length; at++) {
    const letter = block[at];
    if (quote) {
      if (letter === "\\") at++;
      else if (letter === quote) quote = "";
    } else if ("\"'`".includes(letter)) quote = letter;
    else if ("({[".includes(letter)) depth++;
    else if (")}]".includes(letter) && --depth === 0) return block.slice(begin, at + 1);
  }
  return "";
}

const blocks = [...reference.matchAll(/```typescript\n([\s\S]*?)```/g)].map((match) => match[1]);
for (const block of blocks) {
  const call = firstCall(block);
  const name = call.slice("client.".length, call.indexOf("("));
  const outcome = { name, status: 0, error: "" };
  try {
    const run = new Function("client", "fs", "Buffer", `return (${call})`);
    const response = run(client, { createReadStream: () => Buffer.from("[]") }, Buffer);
    const raw = response.withRawResponse ? await response.withRawResponse() : await response;
    outcome.status = raw?.rawResponse?.status ?? raw?.response?.rawResponse?.status ?? 200;
  } catch (error) {
    outcome.status = error.statusCode ?? 0;
    outcome.error = String(error.message).slice(0, 300);
  }
  process.stdout.write(JSON.stringify(outcome) + "\n");
}
