function change_password(a, callback) { return callback(null); }
