function create(a, callback) { return callback(null); }
