import { randomUUID } from 'node:crypto';
import { MAX_CANDIDATES_PER_MESSAGE, MAX_SDP_CHARS } from '../../../shared/src/wire/limits.ts';
import { aBrowserSdp } from '../../support/an-sdp.ts';
import { until } from '../../support/until.ts';
import type { WireMessage } from '../../support/wire-client.ts';
import type { WirePhone } from '../../support/wire-phone.ts';
import { leave, type Someone, TestStack } from './a-stack.ts';

const KB = 1024;

describe('SEC-4: bad input is answered with a code and touches nobody else', () => {
  let bench: TestStack;
  let witness: Someone;
  let witnessed: WirePhone;
  let sender: Someone;

  beforeAll(async () => {
    bench = await TestStack.start();
    witness = await bench.logIn(bench.user('coast', 'token'));
    witnessed = await bench.call(witness);
  });

  beforeEach(async () => {
    sender = await bench.logIn(bench.user('coast', 'token', 1));
  });

  afterEach(async () => {
    const call = bench.callFrom(witness.session.impu);
    const speechBefore = call?.speechPackets ?? 0;
    await witnessed.hear(5);
    await until(() => speechOf(witness) > speechBefore, 'the echo hears the witness on');
    await leave(sender.wire);
    const { untaken } = witness.wire;
    expect({ state: call?.state, told: untaken.filter(({ event }) => isNews(event)) }).toEqual({
      state: 'established',
      told: [],
    });
  });

  afterAll(async () => {
    await bench.close();
  });

  const speechOf = ({ session }: Someone): number =>
    bench.callFrom(session.impu)?.speechPackets ?? 0;
  const codeOf = ({ error }: WireMessage): string => error?.code ?? '';
  const aStart = () => ({
    action: 'call.start',
    callId: randomUUID(),
    seq: 1,
    target: 'noanswer',
    sdp: aBrowserSdp(),
  });

  it.each([
    ['malformed JSON', '{"id":"x","action":', 'wire.malformed', ''],
    ['an array', '[1,2]', 'wire.unknown-action', ''],
    ['null', 'null', 'wire.unknown-action', ''],
    ['an unknown action', '{"id":"x","action":"call.fly"}', 'wire.unknown-action', 'x'],
    ['no action', '{"id":"x"}', 'wire.unknown-action', 'x'],
    ['a route of the gateway itself', '{"id":"x","action":"$connect"}', 'wire.unknown-action', 'x'],
    ['an action of Object', '{"id":"x","action":"constructor"}', 'wire.unknown-action', 'x'],
    ['a field nobody knows', '{"id":"x","action":"logout","extra":1}', 'wire.malformed', 'x'],
    ['a number as id', '{"id":7,"action":"logout"}', 'wire.malformed', ''],
    ['no id', '{"action":"logout"}', 'wire.malformed', ''],
  ])('answers %s', async (_, text, code, re) => {
    const answer = await sender.wire.exchange(text);

    expect([codeOf(answer), answer.re]).toEqual([code, re]);
    expect(answer.error?.message).toMatch(/\S/);
  });

  it.each([
    ['an object as target', { target: { user: 'echo' } }],
    ['a text as seq', { seq: '1' }],
    ['a negative seq', { seq: -1 }],
    ['a fraction as seq', { seq: 1.5 }],
    ['a number as sdp', { sdp: 5 }],
    ['an over-long SDP', { sdp: 'v'.repeat(MAX_SDP_CHARS + 1) }],
    ['an over-long target', { target: '1'.repeat(257) }],
    ['a field nobody knows', { admin: true }],
  ])('refuses a call with %s', async (_, wrong) => {
    expect(await sender.wire.refusal({ ...aStart(), ...wrong })).toBe('wire.malformed');
  });

  it('refuses an SDP that is none', async () => {
    expect(await sender.wire.refusal({ ...aStart(), sdp: 'hello' })).toBe('sdp.malformed');
  });

  it('refuses a target that cannot be called', async () => {
    const refused = await sender.wire.refusal({ ...aStart(), target: 'sip:a@b>\r\nRoute: <sip:x' });

    expect(refused).toBe('call.bad-target');
  });

  it('refuses a message that is over-large, though each of its frames is not', async () => {
    const [head, tail] = ['{"id":"x","action":"logout","pad":"', '"}'];
    const answered = sender.wire.next(({ re }) => re !== undefined);
    sender.wire.socket.send(head + 'p'.repeat(20 * KB), { fin: false });
    sender.wire.socket.send('p'.repeat(20 * KB) + tail);

    expect(codeOf(await answered)).toBe('wire.too-large');
  });

  it.each([
    ['a frame over 32 KB', 'p'.repeat(32 * KB + 1), 1009],
    ['a binary frame', Buffer.from([1, 2, 3]), 1003],
  ])('closes the connection of who sends %s', async (_, frame, code) => {
    sender.wire.socket.send(frame);

    expect(await sender.wire.closed).toBe(code);
  });

  it('refuses commands of who has not logged in', async () => {
    const stranger = await bench.connect('coast');

    expect(await stranger.refusal(aStart())).toBe('session.none');
    expect(await stranger.refusal({ action: 'logout' })).toBe('session.none');
  });

  it("refuses someone else's session, with a wrong key and with one's own key", async () => {
    const { sessionId } = witness.session;
    const resume = { action: 'resume', sessionId, lastSeq: 0 };

    const guessed = await sender.wire.refusal({ ...resume, resumeKey: 'guessed' });
    const own = await sender.wire.refusal({ ...resume, resumeKey: sender.session.resumeKey });
    const absent = await sender.wire.refusal({
      ...resume,
      sessionId: randomUUID(),
      resumeKey: sender.session.resumeKey,
    });

    expect([guessed, own, absent]).toEqual(Array(3).fill('session.foreign'));
  });

  it.each([
    ['call.hang-up', {}],
    ['call.decline', {}],
    ['call.accept', { sdp: aBrowserSdp({ setup: 'active' }) }],
    ['call.candidate', { candidates: [{ candidate: '' }] }],
    ['call.answer', { offerId: 1, sdp: aBrowserSdp({ setup: 'active' }) }],
  ])("%s finds no call where it is someone else's", async (action, more) => {
    const command = { action, callId: witnessed.callId, seq: 99, ...more };

    expect(await sender.wire.refusal(command)).toBe('call.not-found');
  });

  it("a call cannot be opened under someone else's call id", async () => {
    const start = { ...aStart(), callId: witnessed.callId };

    expect(await sender.wire.refusal(start)).toBe('call.exists');
  });

  it('refuses an answer to an offer never made, and a second one', async () => {
    const phone = await bench.call(sender);
    const sdp = aBrowserSdp({ setup: 'active' });

    const [never, again] = [
      await phone.command('call.answer', { offerId: 7, sdp }),
      await phone.command('call.accept', { sdp }),
    ];

    expect([codeOf(never), codeOf(again)]).toEqual(['call.wrong-state', 'call.wrong-state']);
    await phone.hear(5);
  });

  it('refuses a stale seq and more candidates than fit, and the call goes on', async () => {
    const phone = await bench.call(sender);
    const hangUp = { action: 'call.hang-up', callId: phone.callId };
    const many = Array(MAX_CANDIDATES_PER_MESSAGE + 1).fill({ candidate: '' });
    const first = await phone.command('call.candidate', { seq: 50, candidates: many.slice(1) });

    const [same, older] = [
      await sender.wire.refusal({ ...hangUp, seq: 50 }),
      await sender.wire.refusal({ ...hangUp, seq: 49 }),
    ];
    const tooMany = await phone.command('call.candidate', { seq: 51, candidates: many });

    expect(first.ok).toEqual({});
    expect([same, older, codeOf(tooMany)]).toEqual([
      'call.stale-command',
      'call.stale-command',
      'wire.malformed',
    ]);
    await phone.hear(5);
  });

  it('finds no call to hang up that has ended', async () => {
    const phone = await bench.call(sender);
    const first = await phone.command('call.hang-up');
    await sender.wire.next((it) => it.event === 'call.ended');

    const second = await phone.command('call.hang-up');

    expect([first.ok, codeOf(second)]).toEqual([{}, 'call.not-found']);
  });

  it('SES-8: gives a repeated request id the answer of the first', async () => {
    const start = { ...aStart(), id: 'twice' };

    const first = await sender.wire.request(start);
    const second = await sender.wire.request(start);
    await sender.wire.next(({ state }) => state === 'ringing');
    const ringing = bench.simulator
      .calls()
      .filter(({ service, state }) => service === 'noanswer' && state === 'ringing');
    await sender.wire.ask({ action: 'call.hang-up', callId: start.callId, seq: 2 });

    expect(first.ok).toBeDefined();
    expect(second).toEqual(first);
    expect(ringing).toHaveLength(1);
  });
});

/** A witness hears of its own call only that it rang and was answered. */
const isNews = (event = ''): boolean =>
  event.startsWith('call.') && !['call.progress', 'call.answered'].includes(event);
