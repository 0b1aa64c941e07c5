exports.onExecutePostLogin = async (event, api) => {
  api.idToken.setCustomClaim("https://northwind.example.com/env", "##ENVIRONMENT##");
};
