import { refused, type TortureMessage, wire } from './torture-message.ts';

const BLANKS = ' '.repeat(7000);
const withTo = (to: string): Buffer =>
  wire(`OPTIONS sip:user@example.com SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKfuzz
From: <sip:caller@example.net>;tag=1
To: ${to}
Call-ID: fuzz
CSeq: 1 OPTIONS
Content-Length: 0

`);

/** Inputs that once broke a reader, each by what it did. */
export const FOUND_MESSAGES: readonly TortureMessage[] = [
  {
    section: 'fuzz-1',
    name: 'blanks in a name-addr took minutes',
    bytes: withTo(`a${BLANKS}b`),
    outcome: refused(400),
  },
  {
    section: 'fuzz-2',
    name: 'blanks in a Request-Line took minutes',
    bytes: wire(`OPTIONS${BLANKS}x${BLANKS}y
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKfuzz

`),
    outcome: { kind: 'dropped' },
  },
];
