/** A token as services give them out. */
export const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';

/** Texts with something that must not be seen, and what of it must not be left. */
export const secretTexts: readonly (readonly [string, string])[] = [
  ['wrote to alice.smith+x@example.co.uk today', 'alice'],
  ['schrieb an jürgen@müller.example heute', 'rgen'],
  ['card 4111 1111 1111 1111 declined', '4111'],
  ['card 5500-0000-0000-0004 declined', '5500'],
  ['card=378282246310005', '37828'],
  ['order 5 4111 1111 1111 1111 12/27', '4111'],
  ['IBAN DE89 3704 0044 0532 0130 00 unknown', '3704'],
  ['iban gb82west12345698765432', 'west'],
  ['call +49 (30) 1234-5678 now', '1234'],
  ['call 030 / 1234 5678 now', '1234'],
  ['call (212) 555-0123 now', '555'],
  [`Authorization: Bearer ${jwt}`, 'eyJ'],
  [`"authorization":"Basic dXNlcjpwYXNz"`, 'dXNl'],
  [`token ${jwt} expired`, 'eyJ'],
  ['Cookie: a=b; session=topsecretvalue', 'topsecret'],
  ['jdbc:postgresql://sa:hunter2@db/x refused', 'hunter2'],
  ['{"password":"hunter2 with blanks","x":1}', 'hunter2'],
  ["sasl.password='hunter2'", 'hunter2'],
  ['client_secret=hunter2&x=y', 'hunter2'],
  ['aws.secret.access-key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJalr'],
  ['key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJalr'],
  ['AKIAIOSFODNN7EXAMPLE denied', 'IOSFO'],
  ['ghp_abcdefghijklmnopqrstuvwxyz0123456789 denied', 'abcdef'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----', 'MIIE'],
  ['api_key: 0123456789abcdef', '01234'],
];
