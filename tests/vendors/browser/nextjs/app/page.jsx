import { auth0 } from "../lib/auth0";
export default async function Page() {
  const session = await auth0.getSession();
  return <p>{session ? `Hello ${session.user.email}` : "Nobody"}</p>;
}
