import { jest } from '@jest/globals';
import { header, ScriptedRegistrar, type Text } from '../../support/scripted-registrar.ts';
import { createBench, takeInvite } from '../../support/sip-account-bench.ts';

const REALM = { realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' };
const ACK_WITHIN_MS = 64 * 500;

const socketsHaveTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Time stands still but for what the test advances; sockets go on. */
function stopTime(): void {
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'performance'],
  });
}

describe('RFC 3261 §13.3.1.4: an answer nobody acknowledges', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('SES-2: is repeated for 64·T1, and then the call is hung up', async () => {
    const far = await new ScriptedRegistrar('127.0.45.1').start();
    const bench = createBench();
    far.serveRegistrations(REALM);
    const { account, heard } = bench.open({
      access: { transport: 'tcp', pcscf: [{ host: far.address, port: far.port }] },
    });
    account.register();
    await heard.heard('registered');
    const uri = /<([^>]+)>/.exec(header(far.received[0] as Text, 'Contact'))?.[1] ?? '';
    far.request('INVITE', {
      uri,
      headers: [
        'From: <sip:bob@ims.test>;tag=1',
        'To: <sip:alice@ims.test>',
        'Call-ID: unacknowledged',
        'CSeq: 1 INVITE',
        'Contact: <sip:far@192.0.2.2>',
      ],
      body: 'v=0\r\n',
    });
    const { leg, legHeard } = await takeInvite(heard);
    stopTime();
    leg.answer('v=0\r\n');
    await far.next('200');

    jest.advanceTimersByTime(ACK_WITHIN_MS - 1);
    await far.next('200');
    await socketsHaveTurn();
    expect(far.received.map(({ kind }) => kind)).not.toContain('BYE');
    expect(legHeard.kinds).toEqual([]);
    jest.advanceTimersByTime(1);

    const bye = await far.next('BYE');
    expect(header(bye, 'Call-ID')).toBe('unacknowledged');
    expect(await legHeard.heard('sip-hung-up')).toEqual({ kind: 'sip-hung-up', reason: 'no ACK' });
    jest.useRealTimers();
    await bench.accounts.close();
    await far.stop();
  });
});
