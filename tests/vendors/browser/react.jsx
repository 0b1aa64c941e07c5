import { Auth0Provider, useAuth0 } from "@auth0/auth0-react";
import { createRoot } from "react-dom/client";

function App() {
  const { isLoading, isAuthenticated, user, loginWithRedirect, logout } = useAuth0();
  if (isLoading) return <p>Loading</p>;
  if (!isAuthenticated) return <button onClick={() => loginWithRedirect()}>Log in</button>;
  const leave = () => logout({ logoutParams: { returnTo: location.origin } });
  return (
    <>
      <p>Hello {user.email}</p>
      <button onClick={leave}>Log out</button>
    </>
  );
}

createRoot(document.getElementById("root")).render(
  <Auth0Provider
    domain={DOMAIN}
    clientId={CLIENT_ID}
    authorizationParams={{ redirect_uri: location.origin }}
  >
    <App />
  </Auth0Provider>,
);
