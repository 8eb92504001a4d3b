import { InvariantError } from "@concordat/base";
import { pemToDer, privateKeyFromDer, signMessage } from "@concordat/identity";
import type { Signer } from "@hyperledger/fabric-gateway";

/** Signs with OpenSSL instead of in JavaScript, whole messages: goes with the client's hash `none`. */
export function nativeSigner(privateKeyPem: string): Signer {
  const der = pemToDer("PRIVATE KEY", privateKeyPem);
  if (der === undefined) throw new InvariantError("The key is no PKCS#8 text.");
  const key = privateKeyFromDer(der);
  return async (message) => signMessage(key, message);
}
