function get_user(a, callback) { return callback(null); }
