import { impu } from '@isthmus/shared/domain/ids';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { header, headersOf, type Text } from '../../support/scripted-registrar.ts';
import { ANSWER, FAR, SessionBench } from '../../support/session-bench.ts';

const CAROL = 'sip:carol@ims.test';
const SIPFRAG = 'message/sipfrag;version=2.0';

describe.each(['tcp', 'udp'] as const)('SES-5: REFER over %s (RFC 3515)', (transport) => {
  let bench: SessionBench;

  afterEach(() => bench.close());

  const response = (status: number, method: string) =>
    bench.far.next(
      (it) =>
        it.startLine.startsWith(`SIP/2.0 ${String(status)}`) &&
        header(it, 'CSeq').endsWith(` ${method}`),
    );
  const notify = (invite: Text, cseq: number, status: string, state = 'active;expires=60') => {
    bench.byCallee('NOTIFY', invite, {
      ...{ cseq, body: `SIP/2.0 ${status}\r\n`, contentType: SIPFRAG },
      headers: ['Event: refer', `Subscription-State: ${state}`, FAR],
    });
  };

  describe('asked by us', () => {
    it('carries who asks, and its news come as they are', async () => {
      bench = await SessionBench.open({ transport });
      const { heard, invite, leg } = await bench.answered();
      leg.refer({ target: CAROL, referredBy: 'sip:alice@ims.test' });
      const refer = await bench.far.next('REFER');
      bench.far.reply(refer, 202, { headers: [FAR] });
      await heard.heard('sip-refer-progressed');
      notify(invite, 11, '180 Ringing');
      notify(invite, 12, '200 OK', 'terminated;reason=noresource');
      await heard.heard('sip-refer-settled');

      expect(header(refer, 'Refer-To')).toBe(`<${CAROL}>`);
      expect(header(refer, 'Referred-By')).toBe('<sip:alice@ims.test>');
      expect(headersOf(refer, 'Refer-Sub')).toEqual([]);
      const news = heard.events.filter(({ kind }) => kind.startsWith('sip-refer'));
      expect(news.map((it) => 'status' in it && it.status)).toEqual([100, 180, 200]);
    });

    it('without news where both want none (RFC 4488)', async () => {
      bench = await SessionBench.open({ transport, session: { referNews: false } });
      const { heard, leg } = await bench.answered();
      leg.refer({ target: CAROL, referredBy: 'sip:alice@ims.test' });
      const refer = await bench.far.next('REFER');
      bench.far.reply(refer, 200, { headers: [FAR, 'Refer-Sub: false'] });

      expect(await heard.heard('sip-refer-settled')).toMatchObject({ status: 202 });
      expect(header(refer, 'Refer-Sub')).toBe('false');
      expect(header(refer, 'Supported')).toContain('norefersub');
    });

    it('for a call that another is to take the place of names it from its far side', async () => {
      bench = await SessionBench.open({ transport });
      const { invite, leg } = await bench.answered();
      const replaces = leg.dialog?.replaces;
      if (!replaces) throw new Error('no dialog');
      leg.refer({ target: CAROL, replaces, referredBy: 'sip:alice@ims.test' });
      const refer = await bench.far.next('REFER');
      bench.far.reply(refer, 603);

      const callId = header(invite, 'Call-ID');
      const fromTag = /;tag=(.*)$/.exec(header(invite, 'From'))?.[1] ?? '';
      expect(decodeURIComponent(header(refer, 'Refer-To'))).toBe(
        `<${CAROL}?Replaces=${callId};to-tag=scripted;from-tag=${fromTag}&Require=replaces>`,
      );
      expect(leg.dialog.remoteTarget).toBe('sip:far@192.0.2.2');
    });
  });

  describe('asked of us', () => {
    async function referred(headers: readonly string[]) {
      bench = await SessionBench.open({ transport });
      const called = await bench.answered();
      bench.byCallee('REFER', called.invite, { cseq: 21, headers: [FAR, ...headers] });
      return called;
    }
    const asked = async (heard: { heard(kind: 'sip-referred'): Promise<SipLegEvent> }) => {
      const event = await heard.heard('sip-referred');
      if (event.kind !== 'sip-referred') throw new Error(event.kind);
      return event.refer;
    };

    it('is accepted, and its asker told', async () => {
      const { heard } = await referred([`Refer-To: <${CAROL}>`, 'Referred-By: <sip:bob@ims.test>']);
      const refer = await asked(heard);
      refer.accept();
      refer.tell(100);
      const first = await bench.far.next('NOTIFY');
      bench.far.reply(first, 200);
      refer.tell(200);
      refer.tell(486);
      const last = await bench.far.next('NOTIFY');
      bench.far.reply(last, 200);

      expect(refer).toMatchObject({ target: CAROL, referredBy: 'sip:bob@ims.test' });
      expect(header(first, 'Event')).toBe('refer;id=21');
      expect(header(first, 'Content-Type')).toBe(SIPFRAG);
      expect([first.body, last.body]).toEqual(['SIP/2.0 100 Trying\r\n', 'SIP/2.0 200 OK\r\n']);
      expect(header(first, 'Subscription-State')).toMatch(/^active;expires=\d+$/);
      expect(header(last, 'Subscription-State')).toBe('terminated;reason=noresource');
    });

    it('is accepted without news where the asker wants none (RFC 4488)', async () => {
      const { heard } = await referred([`Refer-To: <${CAROL}>`, 'Refer-Sub: false']);
      const refer = await asked(heard);
      refer.accept();
      refer.tell(200);

      expect(header(await response(202, 'REFER'), 'Refer-Sub')).toBe('false');
      await bench.settled();
      expect(bench.far.received.some(({ startLine }) => startLine.startsWith('NOTIFY'))).toBe(
        false,
      );
    });

    it.each([
      ['to do something else', 603, [`Refer-To: <${CAROL};method=BYE>`]],
      ['twice at once', 400, [`Refer-To: <${CAROL}>`, 'Refer-To: <sip:dave@ims.test>']],
      ['to nobody', 400, []],
    ])('%s is refused with %i', async (_, status, headers) => {
      const { heard } = await referred(headers);

      expect((await response(status, 'REFER')).startLine).toContain(String(status));
      expect(heard.kinds).not.toContain('sip-referred');
    });
  });

  it('a call that we were sent to make says by whom, and what it replaces', async () => {
    bench = await SessionBench.open({ transport });
    const replaces = { callId: 'x', toTag: '1', fromTag: '2', isEarlyOnly: false };
    const { invite } = await bench.call(undefined, {
      ...{ target: CAROL, replaces, referredBy: 'sip:bob@ims.test' },
    });
    bench.far.reply(invite, 486);

    expect(header(invite, 'Replaces')).toBe('x;to-tag=1;from-tag=2');
    expect(header(invite, 'Require')).toBe('replaces');
    expect(header(invite, 'Referred-By')).toBe('<sip:bob@ims.test>');
    expect(headersOf(invite, 'Supported').join()).toContain('replaces');
  });

  it('a call of ours names who rings, for others to take it there, until it is answered', async () => {
    bench = await SessionBench.open({ transport });
    const { heard, invite, leg } = await bench.call();
    for (const toTag of ['desk', 'mobile']) bench.far.reply(invite, 180, { headers: [FAR], toTag });
    await bench.settled();
    const ringing = leg.earlyDialogs.map(({ replaces }) => replaces);
    bench.far.reply(invite, 200, { headers: [FAR], body: ANSWER, toTag: 'desk' });
    await heard.heard('sip-answered');

    const callId = header(invite, 'Call-ID');
    const fromTag = /;tag=(.*)$/.exec(header(invite, 'From'))?.[1];
    expect(ringing).toMatchObject([
      { callId, fromTag, toTag: 'desk' },
      { callId, fromTag, toTag: 'mobile' },
    ]);
    expect(leg.earlyDialogs).toEqual([]);
  });

  it('an INVITE in the place of what can be no call is refused', async () => {
    bench = await SessionBench.open({ transport });
    bench.invite(['Replaces: x;to-tag=1']);

    expect((await response(400, 'INVITE')).startLine).toMatch(/^SIP\/2.0 400/);
  });

  it('an INVITE tells what it replaces and who sent it', async () => {
    bench = await SessionBench.open({ transport });
    const more = ['Replaces: x;to-tag=1;from-tag=2', 'Referred-By: <sip:dave@ims.test>;cid="a@b"'];
    const { invite, leg } = await bench.ringing([...more]);
    leg.reject(481);

    expect(invite).toMatchObject({
      replaces: { callId: 'x', toTag: '1', fromTag: '2' },
      referredBy: 'sip:dave@ims.test',
      calledImpu: impu(invite.calledImpu),
    });
  });
});
