/** Made by openssl for a P-256 key, CN=peer0; the private key was thrown away. */
export const certificateRequestPem = `-----BEGIN CERTIFICATE REQUEST-----
MIHLMHICAQAwEDEOMAwGA1UEAwwFcGVlcjAwWTATBgcqhkjOPQIBBggqhkjOPQMB
BwNCAATgJc8tSaHZ4Rc8M8X0Ax2t491Sdn7eoAXsokspheDPDwcRca+KzoS765Zd
l2gFQqfjq8o7fxF3D5PmrMcfEkx8oAAwCgYIKoZIzj0EAwIDSQAwRgIhAPvaGG91
xlUeS1kru9LmoIyRyLKrf5Tb353gw8yiaQeMAiEA4v9vD4AOEThVQPRudMRjYhND
BK14c0ZmwPiR4SSKbeo=
-----END CERTIFICATE REQUEST-----
`;
