export const ABOUT = [
  'JSON text frames on one WebSocket. A request has an id and an action and is answered once, by',
  '{ re: id, ok } or { re: id, error }. Events have a seq that rises by one in a session; after a',
  'lost connection, resume fetches those that were missed. A repeated id gets the same answer.',
  'A request is at most 32 KB. A ping at least every ten minutes keeps the connection open, and no',
  'connection lives longer than two hours: open the next one before and resume on it.',
].join(' ');

const SDP = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 8\r\n…';
const CALL = { id: '4', callId: 'b1f5c8a0-4c7e', seq: 0 };

/** One message of each kind worth seeing; each is checked against the schema it stands under. */
export const EXAMPLES = {
  'request.login': [
    {
      id: '1',
      action: 'login',
      tenant: 'acme',
      option: 'ip-pbx',
      userName: 'alice',
      password: 'correct horse',
    },
    {
      id: '1',
      action: 'login',
      tenant: 'acme',
      option: 'ip-pbx',
      idToken: 'eyJhbGciOiJFUzI1NiJ9…',
    },
  ],
  'request.token': [
    { id: '1', action: 'token', tenant: 'acme', userName: 'alice', password: 'correct horse' },
  ],
  'answer.token': [{ re: '1', ok: { token: 'xPq7…', expiresInS: 60 } }],
  'request.register': [{ id: '2', action: 'register', tenant: 'acme', token: 'xPq7…' }],
  'answer.register': [
    {
      re: '2',
      ok: {
        sessionId: '0b9c4e1e-5b0e',
        resumeKey: 'kV3…',
        iceServers: [{ urls: 'stun:203.0.113.7:40001' }],
      },
    },
  ],
  'request.resume': [
    { id: '3', action: 'resume', sessionId: '0b9c4e1e-5b0e', resumeKey: 'kV3…', lastSeq: 7 },
  ],
  'request.call.start': [{ ...CALL, action: 'call.start', target: '+15551234567', sdp: SDP }],
  'request.call.candidate': [
    {
      ...CALL,
      id: '5',
      seq: 1,
      action: 'call.candidate',
      candidates: [
        { candidate: 'candidate:1 1 udp 2130706431 198.51.100.4 50000 typ host', sdpMid: '0' },
        { candidate: '' },
      ],
    },
  ],
  'request.call.restart': [{ ...CALL, id: '6', seq: 2, action: 'call.restart', sdp: SDP }],
  'answer.call.restart': [{ re: '6', ok: { sdp: SDP } }],
  'request.call.hold': [{ ...CALL, id: '6', seq: 2, action: 'call.hold' }],
  'request.call.transfer': [
    { ...CALL, id: '8', seq: 4, action: 'call.transfer', target: '+15557654321' },
  ],
  'request.call.transfer-to': [
    { ...CALL, id: '9', seq: 5, action: 'call.transfer-to', otherCallId: 'd7a3e9c2-8f6b' },
  ],
  'request.call.resume': [{ ...CALL, id: '7', seq: 3, action: 'call.resume' }],
  'request.call.numbers': [{ id: '12', action: 'call.numbers', callId: 'b1f5c8a0-4c7e' }],
  'answer.call.numbers': [
    {
      re: '12',
      ok: {
        access: {
          ...{ packetsReceived: 1490, octetsReceived: 256_280, packetsLost: 10, packetsSent: 1500 },
          ...{ octetsSent: 258_000, codec: 'PCMA', jitterMs: 4.2, mos: 4.37, roundTripMs: 38 },
          far: { packetsLost: 0, jitterMs: 3.1, mos: 4.41 },
        },
        ims: {
          ...{ packetsReceived: 1500, octetsReceived: 258_000, packetsLost: 0, packetsSent: 1490 },
          ...{ octetsSent: 256_280, codec: 'PCMA', jitterMs: 0.8, mos: 4.41 },
        },
        setUp: {
          ...{ iceMs: 62, dtlsMs: 95, ringingMs: 410, answeredMs: 3_120 },
          ...{ soundToImsMs: 3_125, soundToBrowserMs: 3_140 },
        },
      },
    },
  ],
  'request.call.video': [{ ...CALL, id: '9', seq: 5, action: 'call.video', video: 'sendrecv' }],
  'request.call.hang-up': [{ ...CALL, id: '6', seq: 2, action: 'call.hang-up' }],
  'request.message.send': [
    {
      ...{ id: '7', action: 'message.send', messageId: 'c2a1b7d4-9e0f' },
      ...{ target: '+15551234567', text: 'On my way.' },
    },
  ],
  'request.forwarding.set': [
    {
      ...{ id: '10', action: 'forwarding.set' },
      ...{ whenOffline: '+4930123400', whenBusy: '+4930123400', whenUnanswered: '+4930123400' },
      ringS: 25,
    },
  ],
  'request.forwarding.get': [{ id: '11', action: 'forwarding.get' }],
  'request.ping': [{ action: 'ping' }],
  refusal: [
    {
      re: '4',
      error: {
        code: 'call.bad-target',
        message: 'This is no number and no address.',
        retryable: false,
      },
    },
  ],
  'event.registration': [
    {
      event: 'registration',
      seq: 1,
      state: 'registered',
      option: 'token',
      impu: 'sip:alice@ims.example',
    },
  ],
  'event.call.incoming': [
    {
      event: 'call.incoming',
      seq: 2,
      callId: 'b1f5c8a0-4c7e',
      from: { uri: 'sip:bob@ims.example', displayName: 'Bob' },
      sdp: SDP,
    },
  ],
  'event.call.progress': [
    { event: 'call.progress', seq: 3, callId: 'b1f5c8a0-4c7e', state: 'ringing' },
  ],
  'event.call.video': [
    { event: 'call.video', seq: 4, callId: 'b1f5c8a0-4c7e', ours: true, theirs: true },
  ],
  'event.call.path': [{ event: 'call.path', seq: 6, callId: CALL.callId, state: 'lost' }],
  'event.call.transfer': [
    {
      event: 'call.transfer',
      seq: 4,
      callId: 'b1f5c8a0-4c7e',
      state: 'done',
      text: 'transferred',
    },
  ],
  'event.call.moved': [
    {
      event: 'call.moved',
      seq: 4,
      callId: 'b1f5c8a0-4c7e',
      to: { uri: 'sip:carol@ims.example' },
    },
  ],
  'event.message.incoming': [
    {
      event: 'message.incoming',
      seq: 5,
      messageId: '7d3e2f10-1b2c',
      from: { uri: 'sip:bob@ims.example', displayName: 'Bob' },
      text: 'Where are you?',
    },
  ],
  'event.message.settled': [
    {
      event: 'message.settled',
      seq: 6,
      messageId: 'c2a1b7d4-9e0f',
      outcome: 'delivered',
      text: 'delivered',
      sipStatus: 200,
    },
  ],
  'event.call.ended': [
    {
      event: 'call.ended',
      seq: 4,
      callId: 'b1f5c8a0-4c7e',
      cause: 'busy',
      text: 'busy',
      sipStatus: 486,
    },
  ],
};
