// Runs one action: builds what its code sees and records what it does. QuickJS and node run the same text.
//
// The value is a function of the platform (nothing in QuickJS; `require`, `tokens` and `send` in node) that returns
// `host(operation, argument)`; arguments and results are JSON in ASCII. What the action's code does to
// the globals stays in its own context, and everything that leaves it is judged again outside.
(function (given) {
  "use strict";
  const platform = given || {};
  const { stringify, parse } = JSON;
  const RealDate = Date;
  const RealPromise = Promise;
  const compile = eval;
  const escapeAll = Function.prototype.call.bind(String.prototype.replace);
  const escapeOne = (unit) => "\\u" + ("000" + unit.charCodeAt(0).toString(16)).slice(-4);
  const toAscii = (text) => escapeAll(text, /[^\x20-\x7e]/g, escapeOne);

  const commands = [];
  const lines = [];
  const waiting = new Map();
  let requests = [];
  let timers = [];
  let serial = 0;
  let waited = 0; // milliseconds that timers have let pass
  let room = 0; // characters that the console still takes
  let outcome = null;
  let missed = null; // the last member of `api` that was looked for and is not there
  let available = [];

  // --- errors and the console ---------------------------------------------------------------------

  function described(error) {
    try {
      if (error !== null && typeof error === "object" && "message" in error) {
        const name = String(error.name || "Error");
        let message = String(error.message);
        if (name === "TypeError" && missed !== null && /function|undefined|null/.test(message)) message += `; ${missed}`;
        const cut = (text) => text.slice(0, 10000);
        return { name: cut(name), message: cut(message), stack: cut(String(error.stack || "")) };
      }
      return { name: "Error", message: String(error).slice(0, 10000), stack: "" };
    } catch (unprintable) {
      return { name: "Error", message: "what was thrown cannot be shown", stack: "" };
    }
  }

  function settle(error) {
    outcome = outcome || { error };
  }

  function shown(value) {
    try {
      if (typeof value === "string") return value;
      if (value !== null && typeof value === "object") {
        if (value instanceof Error) return `${value.name}: ${value.message}`;
        const text = stringify(value);
        return text === undefined ? String(value) : text;
      }
      return String(value);
    } catch (unprintable) {
      return "[a value that cannot be shown]";
    }
  }

  function log(...values) {
    if (room <= 0) return;
    const line = values.map(shown).join(" ").slice(0, room);
    room -= line.length + 1;
    lines.push(room > 0 ? line : `${line} [the rest of the output is left out]`);
  }

  const console = {};
  for (const name of ["log", "info", "warn", "error", "debug", "trace", "dir"]) console[name] = log;
  for (const name of ["group", "groupEnd", "time", "timeEnd", "count", "assert", "table"]) {
    console[name] = () => undefined;
  }

  // --- timers and fetch ---------------------------------------------------------------------------

  function later(callback, delay, args, every) {
    if (typeof callback !== "function") throw new TypeError("a timer needs a function");
    const wait = Math.max(0, Number(delay) || 0);
    timers.push({ id: ++serial, at: waited + wait, every: every ? Math.max(1, wait) : 0, callback, args });
    return serial;
  }

  const cancel = (id) => {
    timers = timers.filter((timer) => timer.id !== id);
  };

  function tick() {
    let next = timers[0];
    for (const timer of timers) if (timer.at < next.at) next = timer;
    if (!next) return;
    waited = Math.max(waited, next.at);
    if (next.every) next.at += next.every;
    else cancel(next.id);
    try {
      next.callback(...next.args);
    } catch (error) {
      settle(described(error));
    }
  }

  function headersOf(given) {
    const found = {};
    if (given && typeof given.forEach === "function" && !Array.isArray(given)) {
      given.forEach((value, name) => { found[String(name).toLowerCase()] = String(value); });
    } else {
      const pairs = Array.isArray(given) ? given : Object.entries(given || {});
      for (const [name, value] of pairs) found[String(name).toLowerCase()] = String(value);
    }
    return found;
  }

  function fetch(resource, options) {
    return new RealPromise((resolve, reject) => {
      const given = options || {};
      const id = ++serial;
      waiting.set(id, { resolve, reject });
      const request = {
        id,
        url: String((resource && resource.url) || resource),
        method: String(given.method || "GET").toUpperCase(),
        headers: headersOf(given.headers),
        body: given.body === undefined || given.body === null ? null : String(given.body),
      };
      if (platform.send) platform.send(request);
      else requests.push(request);
    });
  }

  function respond({ id, error, status, headers, body, url }) {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) return reject(new TypeError(error));
    const known = new Map(Object.entries(headers));
    return resolve({
      status,
      url,
      ok: status >= 200 && status < 300,
      headers: {
        get: (name) => (known.has(String(name).toLowerCase()) ? known.get(String(name).toLowerCase()) : null),
        has: (name) => known.has(String(name).toLowerCase()),
        forEach: (visit) => known.forEach((value, name) => visit(value, name)),
        entries: () => known.entries(),
      },
      text: async () => body,
      json: async () => parse(body),
    });
  }

  // --- api ----------------------------------------------------------------------------------------

  const fits = {
    any: () => true,
    string: (value) => typeof value === "string",
    number: (value) => typeof value === "number",
    object: (value) => value !== null && typeof value === "object" && !Array.isArray(value),
    array: (value) => Array.isArray(value),
  };

  function checked(path, parameters, args) {
    parameters.forEach(([name, kind], position) => {
      const optional = kind.endsWith("?");
      const wanted = optional ? kind.slice(0, -1) : kind;
      const value = args[position];
      if (value === undefined && optional) return;
      if (!fits[wanted](value)) {
        const signature = parameters.map(([each]) => each).join(", ");
        throw new TypeError(`api.${path}(${signature}): ${name} must be ${wanted === "any" ? "given" : `of type ${wanted}`}`);
      }
    });
    return parameters.map((parameter, position) => (args[position] === undefined ? null : args[position]));
  }

  function tokens() {
    if (!platform.tokens) throw new Error("this function needs node, which is not installed");
    return platform.tokens;
  }

  function buildApi(input, event) {
    const known = new Map(Object.entries(input.cache));
    const answers = {
      "cache.get": (key) => known.get(key),
      "cache.set": (key, value, options) => {
        const given = options || {};
        const ttl = typeof given.ttl === "number" ? given.ttl : input.cacheLifetime;
        const record = { value, expires_at: given.expires_at || now() + ttl };
        known.set(key, record);
        return { type: "success", record };
      },
      "cache.delete": (key) => {
        known.delete(key);
        return { type: "success" };
      },
      "rules.wasExecuted": () => false,
      "redirect.encodeToken": (options) => tokens().encode(options, event, now()),
      "redirect.validateToken": (options) => tokens().validate(options, event, now()),
    };
    const watched = (target, path) =>
      new Proxy(target, {
        get(from, name) {
          if (Object.prototype.hasOwnProperty.call(from, name)) return from[name];
          if (typeof name === "string" && !(name in Object.prototype) && name !== "then" && name !== "toJSON") {
            const below = available.filter((each) => each.startsWith(path));
            missed = `${input.trigger} has no ${path}${name}; it has ${(below.length ? below : available).join(", ")}`;
          }
          return from[name];
        },
      });
    const api = watched({}, "api.");
    const spaces = {};
    const methods = parse(input.api);
    available = Object.keys(methods).map((path) => `api.${path}`);
    for (const [path, { parameters, refused, quiet }] of Object.entries(methods)) {
      const [space, name] = path.split(".");
      if (!spaces[space]) {
        spaces[space] = {};
        api[space] = watched(spaces[space], `api.${space}.`);
      }
      spaces[space][name] = (...args) => {
        if (refused) throw new Error(`api.${path}: ${refused}`);
        const given = checked(path, parameters, args);
        const kept = quiet ? null : stringify([path, given]);
        const answer = answers[path];
        const value = answer ? answer(...given) : api;
        if (kept !== null) commands.push(kept);
        return value;
      };
    }
    return api;
  }

  // --- running ------------------------------------------------------------------------------------

  let begun = 0;
  let clock = 0;
  const now = () => clock + waited + (RealDate.now() - begun);

  function setClock(milliseconds) {
    begun = RealDate.now();
    clock = milliseconds;
    globalThis.Date = class extends RealDate {
      constructor(...args) {
        if (args.length) super(...args);
        else super(now());
      }
      static now() {
        return now();
      }
    };
    Object.defineProperty(globalThis.Date, "name", { value: "Date" });
  }

  function load(code, require) {
    const module = { exports: {} };
    const body = compile(`(function (exports, require, module, console) {${code}\n})`);
    body.call(module.exports, module.exports, require, module, console);
    return module.exports;
  }

  function start(input) {
    room = input.consoleRoom;
    setClock(input.now);
    globalThis.console = console;
    globalThis.fetch = fetch;
    if (!platform.require) {
      globalThis.setTimeout = (callback, delay, ...args) => later(callback, delay, args, false);
      globalThis.setInterval = (callback, delay, ...args) => later(callback, delay, args, true);
      globalThis.setImmediate = (callback, ...args) => later(callback, 0, args, false);
      globalThis.clearTimeout = globalThis.clearInterval = globalThis.clearImmediate = cancel;
    }
    const loaded = {};
    const require = (name) => {
      const own = String(name).startsWith("actions:") ? String(name).slice(8) : null;
      if (own === null) {
        if (platform.require) return platform.require(name);
        throw new Error(`Cannot find module '${name}'`);
      }
      if (!Object.prototype.hasOwnProperty.call(input.modules, own)) {
        throw new Error(`Cannot find module '${name}': the action uses no module of that name`);
      }
      if (!(own in loaded)) loaded[own] = load(input.modules[own], require);
      return loaded[own];
    };
    try {
      const exported = load(input.code, require);
      const handler = exported && exported[input.handler];
      if (typeof handler !== "function") {
        if (input.optional) return settle(null);
        throw new Error(`The action exports no function ${input.handler}`);
      }
      const api = buildApi(input, input.event);
      const ended = new RealPromise((resolve) => resolve(handler(input.event, api)));
      ended.then(() => settle(null), (error) => settle(described(error)));
    } catch (error) {
      settle(described(error));
    }
  }

  function poll() {
    const sent = requests;
    requests = [];
    const done = outcome !== null;
    const state = { done, waited, requests: sent, timers: timers.length, waiting: waiting.size };
    if (done) state.error = outcome.error;
    return toAscii(stringify(state));
  }

  // The commands are JSON already: what the code did to prototypes since does not change them.
  const result = () => toAscii(`{"console":${stringify(lines)},"commands":[${commands.join(",")}]}`);

  return function host(operation, argument) {
    if (operation === "start") start(parse(argument));
    else if (operation === "tick") tick();
    else if (operation === "respond") respond(parse(argument));
    else if (operation === "poll") return poll();
    else if (operation === "result") return result();
    return undefined;
  };
});
