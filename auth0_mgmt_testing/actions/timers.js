// Timers that pass at once, in the order of their times: for QuickJS, which has none.
//
// The value is a function of `fail`, which ends the action with what a timer threw, that returns what
// the prelude calls: `globals`, `tick` (let the next timer pass) and the state.
(function (fail) {
  "use strict";
  let timers = [];
  let serial = 0;
  let waited = 0; // milliseconds that have passed

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
      fail(error);
    }
  }

  return {
    globals: {
      setTimeout: (callback, delay, ...args) => later(callback, delay, args, false),
      setInterval: (callback, delay, ...args) => later(callback, delay, args, true),
      setImmediate: (callback, ...args) => later(callback, 0, args, false),
      clearTimeout: cancel,
      clearInterval: cancel,
      clearImmediate: cancel,
    },
    tick,
    waited: () => waited,
    pending: () => timers.length,
  };
});
