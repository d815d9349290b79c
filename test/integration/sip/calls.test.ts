import { impu } from '@isthmus/shared/domain/ids';
import type { SipAccount, SipAccountEvent } from '../../../media-node/src/ports/sip-accounts.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import {
  header,
  headersOf,
  ScriptedRegistrar,
  type Text,
} from '../../support/scripted-registrar.ts';
import { createBench, Heard, takeInvite } from '../../support/sip-account-bench.ts';

const OFFER = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nm=audio 40000 RTP/AVP 8\r\n';
const ANSWER = 'v=0\r\no=- 2 1 IN IP4 192.0.2.2\r\ns=-\r\nm=audio 50000 RTP/AVP 8\r\n';
const FAR = 'Contact: <sip:far@192.0.2.2>';

describe.each(['tcp', 'udp'] as const)('calling over %s', (transport) => {
  let far: ScriptedRegistrar;
  let bench: ReturnType<typeof createBench>;
  let account: SipAccount;
  let heard: Heard<SipAccountEvent>;
  let contactUri: string;

  beforeEach(async () => {
    far = await new ScriptedRegistrar().start();
    bench = createBench();
    far.serveRegistrations({
      ...{ realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' },
      headers: [
        'Service-Route: <sip:orig@s1.ims.test;lr>, <sip:s2.ims.test;lr>',
        'Path: <sip:path.ims.test;lr>',
        'P-Associated-URI: <sip:alice@ims.test>, <tel:+15550100>',
      ],
    });
    const pcscf = [{ host: far.address, port: far.port }];
    ({ account, heard } = bench.open({ access: { transport, pcscf, answerCallChallenges: true } }));
    account.register();
    await heard.heard('registered');
    const contact = header(far.received[0] as Text, 'Contact');
    contactUri = /<([^>]+)>/.exec(contact)?.[1] ?? '';
  });
  afterEach(async () => {
    await bench.accounts.close();
    await far.stop();
  });

  function call(target = 'tel:+15550199'): {
    legHeard: Heard<SipLegEvent>;
    leg: ReturnType<SipAccount['invite']>;
  } {
    const legHeard = new Heard<SipLegEvent>();
    const identity = impu('sip:alice@ims.test');
    const leg = account.invite({ identity, target, sdp: OFFER }, legHeard.hear);
    return { leg, legHeard };
  }

  async function answered(): Promise<ReturnType<typeof call> & { invite: Text; ack: Text }> {
    const made = call();
    const invite = await far.next('INVITE');
    far.reply(invite, 200, { headers: [FAR], body: ANSWER });
    const ack = await far.next('ACK');
    await made.legHeard.heard('sip-answered');
    return { ...made, invite, ack };
  }

  function inviteUs(headers: readonly string[] = [], body = OFFER, callId = 'c-in'): string {
    return far.request('INVITE', {
      uri: contactUri,
      headers: [
        'From: "Bob" <sip:bob@ims.test>;tag=bob1',
        'To: <sip:alice@ims.test>',
        `Call-ID: ${callId}`,
        'CSeq: 7 INVITE',
        FAR,
        ...headers,
      ],
      body,
    });
  }

  const inDialog = (response: Text, cseq: string): string[] => [
    `From: ${header(response, 'From')}`,
    `To: ${header(response, 'To')}`,
    `Call-ID: ${header(response, 'Call-ID')}`,
    `CSeq: ${cseq}`,
  ];

  it('SES-6: a caller who hides is anonymous to the callee and known to the network', async () => {
    const legHeard = new Heard<SipLegEvent>();
    const leg = account.invite(
      {
        ...{
          identity: impu('tel:+15550100'),
          target: 'tel:112;phone-context=ims.test',
          sdp: OFFER,
        },
        ...{ privacy: true, headers: ['X-Ticket: a%0D%0Ab'], accessNetworkInfo: 'IEEE-802.11' },
      },
      legHeard.hear,
    );
    const invite = await far.next('INVITE');
    far.reply(invite, 200, { headers: [FAR], body: ANSWER });
    const ack = await far.next('ACK');
    await legHeard.heard('sip-answered');
    leg.bye();
    const bye = await far.next('BYE');
    far.reply(bye, 200);

    expect(invite.startLine).toBe('INVITE tel:112;phone-context=ims.test SIP/2.0');
    expect(header(invite, 'To')).toBe('<tel:112;phone-context=ims.test>');
    const from = /^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=/;
    expect([header(invite, 'From'), header(bye, 'From')]).toEqual([
      expect.stringMatching(from),
      expect.stringMatching(/<sip:anonymous@anonymous\.invalid>;tag=/),
    ]);
    expect(header(invite, 'Privacy')).toBe('id');
    expect(header(invite, 'P-Preferred-Identity')).toBe('<tel:+15550100>');
    expect(headersOf(invite, 'P-Access-Network-Info')).toEqual(['IEEE-802.11']);
    expect(headersOf(ack, 'P-Access-Network-Info')).toEqual([]);
    expect(headersOf(bye, 'P-Access-Network-Info')).toEqual(['IEEE-802.3']);
    expect(header(invite, 'X-Ticket')).toBe('a%0D%0Ab');
  });

  it('SES-6: one who does not, is named as the identity of the call, be it a number', async () => {
    const legHeard = new Heard<SipLegEvent>();
    const identity = impu('tel:+15550100');
    const target = 'tel:+15550199';
    account.invite(
      { identity, target, sdp: OFFER, privacy: false, accessNetworkInfo: 'none' },
      legHeard.hear,
    );
    const invite = await far.next('INVITE');
    far.reply(invite, 486);
    await legHeard.heard('sip-rejected');

    expect(header(invite, 'From')).toMatch(/^<tel:\+15550100>;tag=/);
    expect(header(invite, 'Privacy')).toBe('none');
    expect(headersOf(invite, 'P-Access-Network-Info')).toEqual([]);
  });

  it('SES-1: an outgoing call is set up, acknowledged and released by us', async () => {
    const { leg, legHeard } = call();
    const invite = await far.next('INVITE');
    far.reply(invite, 100);
    far.reply(invite, 180, { headers: [FAR] });
    await legHeard.heard('sip-progressed');
    far.reply(invite, 200, { headers: [FAR, 'Record-Route: <sip:rr.ims.test;lr>'], body: ANSWER });
    const ack = await far.next('ACK');
    const { sdp } = await legHeard.heard('sip-answered');
    leg.bye();
    const bye = await far.next('BYE');
    far.reply(bye, 200);

    expect(sdp).toBe(ANSWER);
    expect(invite.startLine).toBe('INVITE tel:+15550199 SIP/2.0');
    expect(headersOf(invite, 'Route').join()).toMatch(
      /^<sip:127\.0\.41\.1:\d+[^>]*;lr>,<sip:orig@s1\.ims\.test;lr>,<sip:s2\.ims\.test;lr>$/,
    );
    expect(header(invite, 'P-Preferred-Identity')).toBe('<sip:alice@ims.test>');
    expect(header(invite, 'Supported')).toBe('100rel, precondition, replaces, timer');
    expect(invite.body).toContain(OFFER);
    expect(ack.startLine).toBe('ACK sip:far@192.0.2.2 SIP/2.0');
    expect(headersOf(bye, 'Route')).toEqual(['<sip:rr.ims.test;lr>']);
    expect(legHeard.kinds).toEqual(['sip-progressed', 'sip-answered']);
  });

  it('SES-2: an incoming call rings, is answered, and the caller hangs up', async () => {
    inviteUs([
      'P-Asserted-Identity: "Bob, B." <sip:bob@ims.test>, <tel:+15550101>',
      'P-Called-Party-ID: <sip:alice.work@ims.test>',
      'Record-Route: <sip:rr1.ims.test;lr>, <sip:rr2.ims.test;lr>',
    ]);
    const { invite, leg, legHeard } = await takeInvite(heard);
    leg.ring();
    await far.next('180');
    leg.answer(ANSWER);
    const ok = await far.next('200');
    far.request('ACK', { uri: contactUri, headers: inDialog(ok, '7 ACK') });
    await legHeard.heard('sip-acknowledged');
    far.request('BYE', { uri: contactUri, headers: inDialog(ok, '8 BYE') });
    await legHeard.heard('sip-hung-up');

    expect(invite.calledImpu).toBe('sip:alice.work@ims.test');
    expect(invite.from).toEqual({ uri: 'sip:bob@ims.test', displayName: 'Bob, B.' });
    expect(invite.sdp).toBe(OFFER);
    expect(ok.body).toBe(ANSWER);
    expect(headersOf(ok, 'Record-Route')).toEqual([
      '<sip:rr1.ims.test;lr>',
      '<sip:rr2.ims.test;lr>',
    ]);
    expect(legHeard.kinds).toEqual(['sip-acknowledged', 'sip-hung-up']);
  });

  it('the far end hangs up an answered call', async () => {
    const { legHeard, invite } = await answered();

    far.request('BYE', {
      uri: contactUri,
      headers: [
        `From: ${header(invite, 'To')};tag=scripted`,
        `To: ${header(invite, 'From')}`,
        `Call-ID: ${header(invite, 'Call-ID')}`,
        'CSeq: 1 BYE',
      ],
    });

    await legHeard.heard('sip-hung-up');
    await far.next('200');
  });

  it('SES-4: CANCEL waits for a provisional response, and the 487 ends the call', async () => {
    const { leg, legHeard } = call();
    const invite = await far.next('INVITE');
    leg.cancel();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(far.received.some(({ kind }) => kind === 'CANCEL')).toBe(false);

    far.reply(invite, 180, { headers: [FAR] });
    const cancel = await far.next('CANCEL');
    far.reply(cancel, 200);
    far.reply(invite, 487);

    expect(header(cancel, 'CSeq')).toBe(header(invite, 'CSeq').replace('INVITE', 'CANCEL'));
    expect(headersOf(cancel, 'Via')).toEqual(headersOf(invite, 'Via'));
    expect((await legHeard.heard('sip-rejected')).status).toBe(487);
    await far.next('ACK');
  });

  it('SES-4: a 200 that crosses our CANCEL is acknowledged and released', async () => {
    const { leg, legHeard } = call();
    const invite = await far.next('INVITE');
    far.reply(invite, 180, { headers: [FAR] });
    await legHeard.heard('sip-progressed');
    leg.cancel();
    far.reply(invite, 200, { headers: [FAR], body: ANSWER });

    await far.next('ACK');
    await far.next('BYE');
    expect((await legHeard.heard('sip-rejected')).status).toBe(487);
    expect(legHeard.kinds).not.toContain('sip-answered');
  });

  it('SES-4: of two forks that answer, the first wins and the second is released', async () => {
    const { legHeard } = call();
    const invite = await far.next('INVITE');
    far.reply(invite, 183, { headers: [FAR], body: ANSWER, toTag: 'fork1' });
    far.reply(invite, 183, { headers: [FAR], body: OFFER, toTag: 'fork2' });
    far.reply(invite, 200, { headers: [FAR], body: ANSWER, toTag: 'fork2' });
    far.reply(invite, 200, { headers: [FAR], body: ANSWER, toTag: 'fork1' });

    const bye = await far.next('BYE');
    far.reply(bye, 200);
    expect(header(bye, 'To')).toContain('tag=fork1');
    await legHeard.heard('sip-answered');
    expect(legHeard.events.filter(({ kind }) => kind === 'sip-progressed')).toEqual([
      { kind: 'sip-progressed', status: 183, sdp: ANSWER },
      { kind: 'sip-progressed', status: 183, sdp: OFFER },
    ]);
    expect(legHeard.kinds.filter((kind) => kind === 'sip-answered')).toHaveLength(1);
    expect(legHeard.kinds).not.toContain('sip-hung-up');
  });

  it('SES-3: a reliable 183 is acknowledged by PRACK', async () => {
    const { legHeard } = call();
    const invite = await far.next('INVITE');
    far.reply(invite, 183, {
      headers: [FAR, 'Require: 100rel', 'RSeq: 71'],
      body: ANSWER,
    });

    const prack = await far.next('PRACK');
    far.reply(prack, 200);
    expect(header(prack, 'RAck')).toBe('71 1 INVITE');
    expect((await legHeard.heard('sip-progressed')).sdp).toBe(ANSWER);
    far.reply(invite, 200, { headers: [FAR] });
    expect((await legHeard.heard('sip-answered')).sdp).toBe(ANSWER);
  });

  it('REG-6: a 407 of our realm is answered once, with the CSeq after', async () => {
    const { legHeard } = call();
    const first = await far.next('INVITE');
    far.reply(first, 407, {
      headers: ['Proxy-Authenticate: Digest realm="ims.test", nonce="n1", qop="auth"'],
    });
    const second = await far.next('INVITE');
    far.reply(second, 200, { headers: [FAR], body: ANSWER });

    await legHeard.heard('sip-answered');
    expect(header(second, 'CSeq')).toBe('2 INVITE');
    expect(header(second, 'Call-ID')).toBe(header(first, 'Call-ID'));
    expect(header(second, 'Proxy-Authorization')).toContain('nc=00000001');
  });

  it('REG-6: a challenge of a foreign realm gets no response to crack', async () => {
    const { legHeard } = call();
    far.reply(await far.next('INVITE'), 407, {
      headers: ['Proxy-Authenticate: Digest realm="evil.test", nonce="n1", qop="auth"'],
    });

    expect((await legHeard.heard('sip-rejected')).status).toBe(407);
    expect(far.received.filter(({ kind }) => kind === 'INVITE')).toHaveLength(1);
  });

  it('REG-6: a callee that challenges in our realm’s name gets no response either', async () => {
    const { legHeard } = call();
    far.reply(await far.next('INVITE'), 401, {
      headers: ['WWW-Authenticate: Digest realm="ims.test", nonce="n1", qop="auth"'],
    });

    expect((await legHeard.heard('sip-rejected')).status).toBe(401);
    expect(far.received.filter(({ kind }) => kind === 'INVITE')).toHaveLength(1);
  });

  it('a caller who gives up is told 487, and the app hears of it', async () => {
    const branch = inviteUs();
    const { leg, legHeard } = await takeInvite(heard);
    leg.ring();
    await far.next('180');
    far.request('CANCEL', {
      uri: contactUri,
      headers: [
        `Via: SIP/2.0/TCP ${far.address}:${String(far.port)};branch=${branch}`,
        'From: "Bob" <sip:bob@ims.test>;tag=bob1',
        'To: <sip:alice@ims.test>',
        'Call-ID: c-in',
        'CSeq: 7 CANCEL',
      ],
    });

    await legHeard.heard('sip-cancelled');
    const final = await far.next('487');
    expect(header(final, 'CSeq')).toBe('7 INVITE');
    leg.answer(ANSWER);
    expect(legHeard.kinds).toEqual(['sip-cancelled']);
  });

  it('rejects an incoming call with the status the app chose', async () => {
    inviteUs();
    const { leg } = await takeInvite(heard);

    leg.reject(486);

    const final = await far.next('486');
    expect(header(final, 'To')).toContain(';tag=');
  });

  it('SES-5: sends an incoming call where the app chose', async () => {
    inviteUs(['Diversion: <sip:dave@ims.test>;reason=no-answer;counter=1']);
    const { leg, legHeard } = await takeInvite(heard);

    leg.reject(302, {
      contact: 'sip:+4930123400@ims.test;user=phone;cause=404',
      diversion: '<sip:alice@ims.test>;reason=unavailable;counter=1',
    });

    const final = await far.next('302');
    expect(headersOf(final, 'Contact')).toEqual([
      '<sip:+4930123400@ims.test;user=phone;cause=404>',
    ]);
    // RFC 5806: the latest first.
    expect(headersOf(final, 'Diversion')).toEqual([
      '<sip:alice@ims.test>;reason=unavailable;counter=1, <sip:dave@ims.test>;reason=no-answer;counter=1',
    ]);
    expect(header(final, 'CSeq')).toBe('7 INVITE');
    leg.reject(480);
    leg.answer(ANSWER);
    expect(legHeard.kinds).toEqual([]);
  });

  it('RFC 3261 §13.3.1.4: repeats the 200 until it is acknowledged', async () => {
    inviteUs();
    const { leg, legHeard } = await takeInvite(heard);
    leg.answer(ANSWER);
    await far.next('200');

    const again = await far.next('200');

    far.request('ACK', { uri: contactUri, headers: inDialog(again, '7 ACK') });
    await legHeard.heard('sip-acknowledged');
  });

  it('BYE of ours waits for the ACK', async () => {
    inviteUs();
    const { leg } = await takeInvite(heard);
    leg.answer(ANSWER);
    leg.bye();
    const ok = await far.next('200');
    expect(far.received.some(({ kind }) => kind === 'BYE')).toBe(false);

    far.request('ACK', { uri: contactUri, headers: inDialog(ok, '7 ACK') });

    await far.next('BYE');
  });

  it('SES-4: an offerless INVITE is answered with an offer, and the ACK brings the answer', async () => {
    inviteUs([], '');
    const { invite, leg, legHeard } = await takeInvite(heard);
    leg.answer(OFFER);
    const ok = await far.next('200');

    far.request('ACK', { uri: contactUri, headers: inDialog(ok, '7 ACK'), body: ANSWER });

    expect(invite.sdp).toBeUndefined();
    expect(await legHeard.heard('sip-acknowledged')).toEqual({
      kind: 'sip-acknowledged',
      sdp: ANSWER,
    });
  });

  it.each(['INVITE', 'UPDATE'])('SES-5: a re-offer by %s is answered', async (method) => {
    const { leg, legHeard, invite } = await answered();
    far.request(method, {
      uri: contactUri,
      headers: [
        `From: ${header(invite, 'To')};tag=scripted`,
        `To: ${header(invite, 'From')}`,
        `Call-ID: ${header(invite, 'Call-ID')}`,
        `CSeq: 11 ${method}`,
        'Contact: <sip:moved@192.0.2.3>',
      ],
      body: OFFER,
    });
    expect((await legHeard.heard('sip-reoffered')).sdp).toBe(OFFER);

    leg.answerReoffer(ANSWER);

    const ok = await far.next('200');
    // One session, one version more (RFC 3264 §8), whoever wrote the description.
    expect(ok.body).toBe(ANSWER.replace('o=- 2 1 IN IP4 192.0.2.2', 'o=- 1 2 IN IP4 192.0.2.1'));
    expect(header(ok, 'CSeq')).toBe(`11 ${method}`);
    if (method === 'INVITE')
      far.request('ACK', { uri: contactUri, headers: inDialog(ok, '11 ACK') });
    leg.bye();
    expect((await far.next('BYE')).startLine).toBe('BYE sip:moved@192.0.2.3 SIP/2.0');
  });

  it('refuses a re-offer with the status the app chose, and the call stays', async () => {
    const { leg, legHeard, invite } = await answered();
    far.request('INVITE', {
      uri: contactUri,
      headers: [
        `From: ${header(invite, 'To')};tag=scripted`,
        `To: ${header(invite, 'From')}`,
        `Call-ID: ${header(invite, 'Call-ID')}`,
        'CSeq: 11 INVITE',
        FAR,
      ],
      body: OFFER,
    });
    await legHeard.heard('sip-reoffered');

    leg.refuseReoffer(488);

    await far.next('488');
    leg.bye();
    await far.next('BYE');
  });

  it('refuses what it does not understand: 420, 405, 404; and OPTIONS is 200', async () => {
    inviteUs(['Require: precondition, recipient-list-invite'], OFFER, 'c-420');
    expect(header(await far.next('420'), 'Unsupported')).toBe('recipient-list-invite');
    const outside = (method: string, uri: string): void => {
      far.request(method, {
        uri,
        headers: [
          'From: <sip:bob@ims.test>;tag=b2',
          'To: <sip:alice@ims.test>',
          `Call-ID: c-${method}`,
          `CSeq: 1 ${method}`,
        ],
      });
    };
    outside('PUBLISH', contactUri);
    await far.next('405');
    outside('OPTIONS', contactUri);
    await far.next((text) => text.kind === '200' && header(text, 'CSeq') === '1 OPTIONS');
    outside('INFO', 'sip:nobody@127.0.0.1');
    await far.next('404');
  });

  it('malformed input ends nothing: a call beside it goes on', async () => {
    const { leg } = await answered();
    const broken = [
      'INVITE tel:+1 SIP/2.0\r\nContent-Length: 0\r\n\r\n',
      'SIP/2.0 183 X\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK1.2\r\nContent-Length: 3\r\n\r\nabc',
      'HELO there SIP/2.0\r\nFrom: <<>>\r\nContent-Length: 0\r\n\r\n',
      `INVITE ${contactUri} SIP/2.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bKq\r\nFrom: <sip:%zz@x>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: z\r\nCSeq: 1 INVITE\r\nContact: <:>\r\nContent-Length: 0\r\n\r\n`,
    ];
    for (const raw of broken) far.send(raw);

    await far.next('400');
    leg.bye();
    await far.next('BYE');
    expect(bench.dropped.filter((it) => it === 'malformed')).toHaveLength(3);
  });

  it('a BYE that is challenged is sent again with the answer', async () => {
    const { leg } = await answered();
    leg.bye();
    const first = await far.next('BYE');
    far.reply(first, 407, {
      headers: ['Proxy-Authenticate: Digest realm="ims.test", nonce="n9", qop="auth"'],
    });

    const second = await far.next('BYE');
    expect(header(second, 'Proxy-Authorization')).toContain('nonce="n9"');
    expect(Number.parseInt(header(second, 'CSeq'), 10)).toBeGreaterThan(
      Number.parseInt(header(first, 'CSeq'), 10),
    );
  });
});
