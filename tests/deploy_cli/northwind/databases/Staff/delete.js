function delete(a, callback) { return callback(null); }
