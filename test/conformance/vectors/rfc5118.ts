import { accepted, refused, type TortureMessage, wire } from './torture-message.ts';

const register = (uri: string): Buffer =>
  wire(`REGISTER ${uri} SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111
Call-ID: SSG9559905523997077@hlau_4100
Max-Forwards: 70
Contact: "Caller" <sip:caller@[2001:db8::1]>
CSeq: 98176 REGISTER
Content-Length: 0

`);
const options = (host: string): Buffer =>
  wire(`OPTIONS sip:user@${host} SIP/2.0
To: sip:user@${host}
From: sip:user@example.com;tag=810x2
Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-111
Call-ID: G9559905523997077@hlau_4100
CSeq: 689 OPTIONS
Max-Forwards: 70
Content-Length: 0

`);
const invite = (head: string, body: string): Buffer =>
  wire(`${head}
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: ${String(wire(body).length)}

${body}`);

/** RFC 5118 §4: addresses of IPv6 in every place they may stand. */
export const IPV6_MESSAGES: readonly TortureMessage[] = [
  {
    section: '4.1',
    name: 'ipv6-good',
    bytes: register('sip:[2001:db8::10]'),
    outcome: accepted({
      start: { uri: { host: '[2001:db8::10]', port: undefined } },
      via: { host: '[2001:db8::9:1]', port: undefined },
    }),
    answeredWith: 405,
  },
  {
    section: '4.2',
    name: 'ipv6-bad',
    bytes: register('sip:2001:db8::10'),
    outcome: refused(400),
  },
  {
    section: '4.3',
    name: 'port-ambiguous',
    bytes: register('sip:[2001:db8::10:5070]'),
    outcome: accepted({ start: { uri: { host: '[2001:db8::10:5070]', port: undefined } } }),
    answeredWith: 405,
  },
  {
    section: '4.4',
    name: 'port-unambiguous',
    bytes: register('sip:[2001:db8::10]:5070'),
    outcome: accepted({ start: { uri: { host: '[2001:db8::10]', port: 5070 } } }),
    answeredWith: 405,
  },
  {
    section: '4.5',
    name: 'via-received-param-with-delim',
    bytes: wire(`BYE sip:[2001:db8::10] SIP/2.0
To: sip:user@example.com;tag=bd76ya
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111
Call-ID: SSG9559905523997077@hlau_4100
Max-Forwards: 70
CSeq: 321 BYE
Content-Length: 0

`),
    outcome: accepted({ via: { host: '[2001:db8::9:1]', branch: 'z9hG4bKas3-111' } }),
    answeredWith: 481,
  },
  {
    section: '4.5',
    name: 'via-received-param-no-delim',
    bytes: wire(`OPTIONS sip:[2001:db8::10] SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3
Call-ID: SSG95523997077@hlau_4100
Max-Forwards: 70
Contact: "Caller" <sip:caller@[2001:db8::9:1]>
CSeq: 921 OPTIONS
Content-Length: 0

`),
    outcome: accepted({ via: { host: '[2001:db8::9:1]', branch: 'z9hG4bKas3' } }),
    answeredWith: 200,
  },
  {
    section: '4.6',
    name: 'ipv6-in-sdp',
    bytes: invite(
      `INVITE sip:user@[2001:db8::10] SIP/2.0
To: sip:user@[2001:db8::10]
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKas3-111
Call-ID: SSG9559905523997077@hlau_4100
Contact: "Caller" <sip:caller@[2001:db8::20]>
CSeq: 8612 INVITE`,
      `v=0
o=assistant 971731711378798081 0 IN IP6 2001:db8::20
s=Live video feed for today's meeting
c=IN IP6 2001:db8::20
t=3338481189 3370017201
m=audio 6000 RTP/AVP 2
a=rtpmap:2 G726-32/8000
m=video 6024 RTP/AVP 107
a=rtpmap:107 H263-1998/90000
`,
    ),
    outcome: accepted({ to: { uri: { user: 'user', host: '[2001:db8::10]' } } }),
    answeredWith: 100,
  },
  {
    section: '4.7',
    name: 'mult-ip-in-header',
    bytes: wire(`BYE sip:user@host.example.net SIP/2.0
Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144
Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200
Call-ID: 997077@lau_4100
Max-Forwards: 70
CSeq: 89187 BYE
To: sip:user@example.net;tag=9817--94
From: sip:user@example.com;tag=81x2
Content-Length: 0

`),
    outcome: accepted({ via: { host: '[2001:db8::9:1]', port: 6050 } }),
    answeredWith: 481,
  },
  {
    section: '4.8',
    name: 'mult-ip-in-sdp',
    bytes: invite(
      `INVITE sip:user@[2001:db8::10] SIP/2.0
To: sip:user@[2001:db8::10]
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111
Call-ID: SSG9559905523997077@hlau_4100
Contact: "Caller" <sip:caller@[2001:db8::9:1]>
CSeq: 8912 INVITE`,
      `v=0
o=bob 280744730 28977631 IN IP4 host.example.com
s=
t=0 0
m=audio 22334 RTP/AVP 0
c=IN IP4 192.0.2.1
m=video 6024 RTP/AVP 107
c=IN IP6 2001:db8::1
a=rtpmap:107 H263-1998/90000
`,
    ),
    outcome: accepted({ bodyMatching: /IP4 192\.0\.2\.1.*IP6 2001:db8::1/s }),
    answeredWith: 100,
  },
  {
    section: '4.9',
    name: 'ipv4-mapped-ipv6',
    bytes: invite(
      `INVITE sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:user@east.example.com;tag=81x2
Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19
Via: SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bKas3-111
Call-ID: SSG9559905523997077@hlau_4100
Contact: "T. desk phone" <sip:ted@[::ffff:192.0.2.2]>
CSeq: 612 INVITE`,
      `v=0
o=assistant 971731711378798081 0 IN IP6 ::ffff:192.0.2.2
s=Call me soon, please!
c=IN IP6 ::ffff:192.0.2.2
t=3338481189 3370017201
m=audio 6000 RTP/AVP 2
a=rtpmap:2 G726-32/8000
m=video 6024 RTP/AVP 107
a=rtpmap:107 H263-1998/90000
`,
    ),
    outcome: accepted({ via: { host: '[::ffff:192.0.2.10]', port: 19_823 } }),
    answeredWith: 100,
  },
  {
    section: '4.10',
    name: 'ipv6-bug-abnf-3-colons',
    bytes: options('[2001:db8:::192.0.2.1]'),
    // The grammar of RFC 3261 allows three colons by mistake, and a reader is to put up with them.
    outcome: accepted({ start: { uri: { user: 'user', host: '[2001:db8:::192.0.2.1]' } } }),
    answeredWith: 200,
  },
  {
    section: '4.10',
    name: 'ipv6-correct-abnf-2-colons',
    bytes: options('[2001:db8::192.0.2.1]'),
    outcome: accepted({ start: { uri: { user: 'user', host: '[2001:db8::192.0.2.1]' } } }),
    answeredWith: 200,
  },
];
