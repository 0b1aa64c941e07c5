function login(a, callback) { return callback(null); }
