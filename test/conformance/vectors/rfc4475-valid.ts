import { accepted, sdpOf, type TortureMessage, wire } from './torture-message.ts';

const LONG = {
  name: 'amazinglylongcallername'.repeat(5),
  value: `very${'long'.repeat(20)}value`,
  branch: `very${'long'.repeat(50)}branchvalue`,
};
const VIA_SPELLINGS = 'Via|v|V|Via|ViA|VIa|VIA|via|viA|vIa|vIA|V |v |V  |v  |Via |Via  '.split('|');
const MANY_VIAS = Array.from(
  { length: 33 },
  (_, at) => `${VIA_SPELLINGS[at] ?? 'Via'}: SIP/2.0/TCP sip${String(33 - at)}.example.com`,
).join('\n');

/** Binary, and no UTF-8: what a signature is to whoever does not know it. */
const SIGNATURE = Buffer.from([0x30, 0x82, 0x01, 0x52, 0x06, 0x09, 0x2a, 0x86, 0x48, 0xf7, 0x0d]);
const MULTIPART = Buffer.concat([
  wire(`--7a9cbec02ceef655
Content-Type: text/plain
Content-Transfer-Encoding: binary

Hello
--7a9cbec02ceef655
Content-Type: application/octet-stream
Content-Transfer-Encoding: binary

`),
  SIGNATURE,
  wire('\n--7a9cbec02ceef655--\n'),
]);

/** RFC 4475 §3.1.1: well-formed, however odd. */
export const VALID_MESSAGES: readonly TortureMessage[] = [
  {
    section: '3.1.1.1',
    name: 'wsinv',
    bytes: wire(String.raw`INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
TO :
 sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
from   : "J Rosenberg \\\""       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : 150
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \"\"" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

${sdpOf('192.0.2.3', '192.0.2.4')}`),
    outcome: accepted({
      start: { method: 'INVITE', uri: { user: 'vivekg', parameters: { unknownparam: null } } },
      to: { uri: { user: 'vivekg' }, parameters: { tag: '1918181833n' } },
      from: { displayName: 'J Rosenberg \\"', parameters: { tag: '98asjd8' } },
      cseq: { number: 9, method: 'INVITE' },
      via: { host: '192.0.2.2', branch: '390skdjuw' },
      hasHeaders: [
        { name: 'subject', value: '' },
        { name: 'newfangledheader', value: 'newfangled value continued newfangled value' },
        { name: 'unknownheaderwithunusualvalue', value: ';;,,;;,;' },
        { name: 'via', value: 'SIP  /    2.0   / UDP  192.168.255.111   ; branch= z9hG4bK30239' },
      ],
      bodyMatching: /LPC\r\n$/,
    }),
    answeredWith: 481,
  },
  {
    section: '3.1.1.2',
    name: 'intmeth',
    bytes: wire(
      [
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
        "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~",
        'To: "BEL:\\\x07 NUL:\\\0 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)&isn\'t+it$/crazy?,/;;*@example.com>',
        "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.",
        'Call-ID: intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
        "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~",
        'Max-Forwards: 255',
        "extensionHeader-!.%*+_`'~:\ufeff大停電",
        'Content-Length: 0',
        '\n',
      ].join('\n'),
    ),
    outcome: accepted({
      start: {
        method: "!interesting-Method0123456789_*+`.%indeed'~",
        uri: { user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", host: 'example.com' },
      },
      via: { branch: "z9hG4bK-.!%66*_+`'~" },
      to: { displayName: 'BEL:\x07 NUL:\0 DEL:\x7f' },
      from: {
        displayName: "token1~` token2'+_ token3*%!.-",
        parameters: { tag: "_token~1'+`*%!-.", "fromparam''~+*_!.-%": '"работающий"' },
      },
      callId: 'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
      cseq: { number: 139_122_385 },
    }),
    answeredWith: 405,
  },
  {
    section: '3.1.1.3',
    name: 'esc01',
    bytes: wire(`INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0
To: sip:%75se%72@example.com
From: <sip:I%20have%20spaces@example.net>;tag=938
Max-Forwards: 87
i: esc01.239409asdfakjkn23onasd0-3234
CSeq: 234234 INVITE
Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw
C: application/sdp
Contact:
  <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>
Content-Length: 150

${sdpOf('192.0.2.1')}`),
    outcome: accepted({
      start: { uri: { user: 'sips:user@example.com', host: 'example.net' } },
      to: { uri: { user: 'user' } },
      from: { uri: { user: 'I have spaces' } },
    }),
    answeredWith: 100,
  },
  {
    section: '3.1.1.4',
    name: 'escnull',
    bytes: wire(`REGISTER sip:example.com SIP/2.0
To: sip:null-%00-null@example.com
From: sip:null-%00-null@example.com;tag=839923423
Max-Forwards: 70
Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd
CSeq: 14398234 REGISTER
Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw
Contact: <sip:%00@host5.example.com>
Contact: <sip:%00%00@host5.example.com>
L:0

`),
    outcome: accepted({
      to: { uri: { user: 'null-\0-null' } },
      hasHeaders: [
        { name: 'contact', value: '<sip:%00@host5.example.com>' },
        { name: 'contact', value: '<sip:%00%00@host5.example.com>' },
      ],
    }),
    answeredWith: 405,
  },
  {
    section: '3.1.1.5',
    name: 'esc02',
    bytes: wire(`RE%47IST%45R sip:registrar.example.com SIP/2.0
To: "%Z%45" <sip:resource@example.com>
From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23
Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf
Via: SIP/2.0/TCP host.example.com;branch=z9hG4bK209%fzsnel234
CSeq: 29344 RE%47IST%45R
Max-Forwards: 70
Contact: <sip:alias1@host1.example.com>
C%6Fntact: <sip:alias2@host2.example.com>
Contact: <sip:alias3@host3.example.com>
l: 0

`),
    outcome: accepted({
      start: { method: 'RE%47IST%45R' },
      to: { displayName: '%Z%45' },
      via: { branch: 'z9hG4bK209%fzsnel234' },
      hasHeaders: [{ name: 'c%6fntact', value: '<sip:alias2@host2.example.com>' }],
    }),
    answeredWith: 405,
  },
  {
    section: '3.1.1.6',
    name: 'lwsdisp',
    bytes: wire(`OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: caller<sip:caller@example.com>;tag=323
Max-Forwards: 70
Call-ID: lwsdisp.1234abcd@funky.example.com
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw
l: 0

`),
    outcome: accepted({ from: { displayName: 'caller', uri: { user: 'caller' } } }),
    answeredWith: 200,
  },
  {
    section: '3.1.1.7',
    name: 'longreq',
    bytes: wire(`INVITE sip:user@example.com SIP/2.0
To: "I have a user name of ${'extreme'.repeat(10)} proportion"<sip:user@example.com:6000;unknownparam1=${LONG.value};longparam${'name'.repeat(25)}=shortvalue;very${'long'.repeat(25)}ParameterNameWithNoValue>
F: sip:${LONG.name}@example.net;tag=12${'982'.repeat(50)}424;unknownheaderparam${'name'.repeat(20)}=unknowheaderparam${'value'.repeat(15)};unknownValueless${'paramname'.repeat(10)}
Call-ID: longreq.one${'really'.repeat(20)}longcallid
CSeq: 3882340 INVITE
Unknown-${'Long'.repeat(20)}-Name: unknown-${'long'.repeat(20)}-value; unknown-${'long'.repeat(20)}-parameter-name = unknown-${'long'.repeat(20)}-parameter-value
${MANY_VIAS}
Via: SIP/2.0/TCP host.example.com;received=192.0.2.5;branch=${LONG.branch}
Max-Forwards: 70
Contact: <sip:${LONG.name}@host5.example.net>
Content-Type: application/sdp
l: 150

${sdpOf('192.0.2.1')}`),
    outcome: accepted({
      to: { uri: { port: 6000, parameters: { unknownparam1: LONG.value } } },
      from: { uri: { user: LONG.name } },
      via: { host: 'sip33.example.com' },
    }),
    answeredWith: 100,
  },
  {
    section: '3.1.1.8',
    name: 'dblreq',
    bytes: wire(`REGISTER sip:example.com SIP/2.0
To: sip:j.user@example.com
From: sip:j.user@example.com;tag=43251j3j324
Max-Forwards: 8
I: dblreq.0ha0isndaksdj99sdfafnl3lk233412
Contact: sip:j.user@host.example.com
CSeq: 8 REGISTER
Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKkdjuw23492
Content-Length: 0


INVITE sip:joe@example.com SIP/2.0
t: sip:joe@example.com
From: sip:caller@example.net;tag=141334
Max-Forwards: 8
Call-ID: dblreq.0ha0isnda977644900765@192.0.2.15
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw380234
Content-Type: application/sdp
Content-Length: 150

${sdpOf('192.0.2.15')}`),
    outcome: accepted({ start: { method: 'REGISTER' }, body: '' }),
  },
  {
    section: '3.1.1.9',
    name: 'semiuri',
    bytes: wire(`OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0
To: sip:j_user@example.com
From: sip:caller@example.org;tag=33242
Max-Forwards: 3
Call-ID: semiuri.0ha0isndaksdj
CSeq: 8 OPTIONS
Accept: application/sdp, application/pkcs7-mime,
        multipart/mixed, multipart/signed,
        message/sip, message/sipfrag
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw
l: 0

`),
    outcome: accepted({
      start: { uri: { user: 'user;par=u@example.net', host: 'example.com', parameters: {} } },
    }),
    answeredWith: 200,
  },
  {
    section: '3.1.1.10',
    name: 'transports',
    bytes: wire(`OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: <sip:caller@example.com>;tag=323
Max-Forwards: 70
Call-ID:  transports.kijh4akdnaqjkwendsasfdj
Accept: application/sdp
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw
Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee
l: 0

`),
    outcome: accepted({ via: { host: 't1.example.com', branch: 'z9hG4bKkdjuw' } }),
    answeredWith: 200,
  },
  {
    section: '3.1.1.11',
    name: 'mpart01',
    bytes: Buffer.concat([
      wire(`MESSAGE sip:kumiko@example.org SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport
Max-Forwards: 70
Route: <sip:127.0.0.1:5080>
Identity: c2lnbmF0dXJl
Contact: <sip:fluffy@127.0.0.1:5070>
To: <sip:kumiko@example.org>
From: <sip:fluffy@example.com>;tag=2fb0dcc9
Call-ID: 3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..
CSeq: 1 MESSAGE
Content-Transfer-Encoding: binary
Content-Type: multipart/mixed;boundary=7a9cbec02ceef655
Date: Sat, 15 Oct 2005 04:44:56 GMT
User-Agent: SIPimp.org/0.2.5 (curses)
Content-Length: ${String(MULTIPART.length)}

`),
      MULTIPART,
    ]),
    outcome: accepted({
      start: { method: 'MESSAGE' },
      bodyMatching: /^--7a9.*Hello.*--\r\n$/s,
    }),
    // Of MESSAGE only plain text is taken (RFC 3428 §7).
    answeredWith: 415,
  },
  {
    section: '3.1.1.12',
    name: 'unreason',
    bytes: wire(`SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое
Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Call-ID: unreason.1234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@example.edu;tag=2229
Content-Length: 154
Content-Type: application/sdp
Contact: <sip:user@host198.example.com>

${sdpOf('192.0.2.198')}`),
    outcome: accepted({
      start: { status: 200, reason: '= 2**3 * 5**2 но сто девяносто девять - простое' },
    }),
  },
  {
    section: '3.1.1.13',
    name: 'noreason',
    bytes: wire(`SIP/2.0 100\x20
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: noreason.asndj203insdf99223ndf
CSeq: 35 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>

`),
    outcome: accepted({ start: { status: 100, reason: '' } }),
  },
];
