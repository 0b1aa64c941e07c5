function verify(a, callback) { return callback(null); }
