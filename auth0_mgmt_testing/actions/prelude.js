// Runs one action: builds what its code sees and records what it does. QuickJS and node run the same
// text.
//
// The value is a function of the platform that returns `host(operation, argument)`; arguments and
// results are JSON in ASCII. A platform has `timers` and `fetch` (the values of the files of these
// names) where the code wants them; in node also `require`, `tokens` and `send`. What the action's
// code does to the globals stays in its own context, and everything that leaves it is checked again
// outside.
(function (platform) {
  "use strict";
  const { stringify, parse } = JSON;
  const RealDate = Date;
  const RealPromise = Promise;
  const compile = eval;
  const hasOwn = Function.prototype.call.bind(Object.prototype.hasOwnProperty);
  const escapeAll = Function.prototype.call.bind(String.prototype.replace);
  const escapeOne = (unit) => "\\u" + ("000" + unit.charCodeAt(0).toString(16)).slice(-4);
  const toAscii = (text) => escapeAll(text, /[^\x20-\x7e]/g, escapeOne);

  const commands = [];
  const lines = [];
  const timers = platform.timers && platform.timers((error) => settle(described(error)));
  const network = platform.fetch && platform.fetch(platform.send || ((request) => requests.push(request)));
  let requests = [];
  let room = 0; // characters that the console still takes
  let outcome = null;
  let missed = null; // the last member of `api` that was looked for and is not there

  // --- errors and the console ---------------------------------------------------------------------

  function described(error) {
    try {
      if (error !== null && typeof error === "object" && "message" in error) {
        const name = String(error.name || "Error");
        let message = String(error.message);
        const isMissing = name === "TypeError" && /function|undefined|null/.test(message);
        if (isMissing && missed !== null) message += `; ${missed}`;
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
        const right = wanted === "any" ? "given" : `of type ${wanted}`;
        throw new TypeError(`api.${path}(${signature}): ${name} must be ${right}`);
      }
    });
    return parameters.map((parameter, position) => (args[position] === undefined ? null : args[position]));
  }

  function tokens() {
    if (!platform.tokens) throw new Error("this function needs node, which does not run here");
    return platform.tokens;
  }

  function buildApi(input, event) {
    const known = new Map(Object.entries(input.cache));
    const results = {
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
    const methods = parse(input.api);
    const available = Object.keys(methods).map((path) => `api.${path}`);
    const missing = (path) => {
      const near = available.filter((each) => each.startsWith(path.slice(0, path.lastIndexOf(".") + 1)));
      missed = `${input.trigger} has no ${path}; it has ${(near.length ? near : available).join(", ")}`;
    };
    // Members are made when they are first used: most code uses few of them.
    const lazy = (path, make) =>
      new Proxy({}, {
        get(made, name) {
          if (typeof name !== "string" || hasOwn(made, name)) return made[name];
          const value = make(name);
          if (value !== undefined) made[name] = value;
          else if (!(name in made) && name !== "then" && name !== "toJSON") missing(`${path}${name}`);
          return made[name];
        },
      });
    const method = (path) => {
      const { parameters, unsupported, quiet } = methods[path];
      return (...args) => {
        if (unsupported) throw new Error(`api.${path}: ${unsupported}`);
        const given = checked(path, parameters, args);
        const kept = quiet ? null : stringify([path, given]);
        const result = results[path];
        const value = result ? result(...given) : api;
        if (kept !== null) commands.push(kept);
        return value;
      };
    };
    const api = lazy("api.", (space) => {
      if (!available.some((path) => path.startsWith(`api.${space}.`))) return undefined;
      return lazy(`api.${space}.`, (name) => {
        const path = `${space}.${name}`;
        return hasOwn(methods, path) ? method(path) : undefined;
      });
    });
    return api;
  }

  // --- running ------------------------------------------------------------------------------------

  let begun = 0;
  let clock = 0;
  const waited = () => (timers ? timers.waited() : 0);
  const now = () => clock + waited() + (RealDate.now() - begun);

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
    for (const part of [timers, network]) if (part) Object.assign(globalThis, part.globals);
    const loaded = {};
    const require = (name) => {
      const own = String(name).startsWith("actions:") ? String(name).slice(8) : null;
      if (own === null) {
        if (platform.require) return platform.require(name);
        throw new Error(`Cannot find module '${name}'`);
      }
      if (!hasOwn(input.modules, own)) {
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
    const state = { done, waited: waited(), requests: sent, timers: timers ? timers.pending() : 0 };
    if (done) state.error = outcome.error;
    return toAscii(stringify(state));
  }

  // The commands are JSON already: what the code did to prototypes since does not change them.
  const result = () => toAscii(`{"console":${stringify(lines)},"commands":[${commands.join(",")}]}`);

  return function host(operation, argument) {
    if (operation === "start") start(parse(argument));
    else if (operation === "tick") timers.tick();
    else if (operation === "respond") network.respond(parse(argument));
    else if (operation === "poll") return poll();
    else if (operation === "result") return result();
    else if (operation === "fail") settle(described(argument));
    return undefined;
  };
});
