// `fetch`, whose requests are sent outside of the engine.
//
// The value is a function of `send`, which is given each request, that returns what the prelude
// calls: `globals` and `respond` (settle a request).
(function (send) {
  "use strict";
  const RealPromise = Promise;
  const { parse } = JSON;
  const waiting = new Map();
  let serial = 0;

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
      send(request);
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

  return { globals: { fetch }, respond };
});
