import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CallNumbers } from '@isthmus/shared/domain/call-numbers';
import type { CallRecord, Usage } from '@isthmus/shared/store/call-records';
import { aBrowserSdp } from '../../support/an-sdp.ts';
import { until } from '../../support/until.ts';
import { type Someone, TestStack } from './a-stack.ts';

const COMMAND = fileURLToPath(new URL('../../../functions/src/bin/usage.ts', import.meta.url));

describe('OPS-3 and MED-13: what an operator reads of a tenant’s month', () => {
  let bench: TestStack;

  beforeAll(async () => {
    bench = await TestStack.start();
  });

  afterAll(async () => {
    await bench.close();
  });

  async function read(tenant: string): Promise<{ usage: Usage; records: CallRecord[] }> {
    const { endpoint, tableName } = bench.stack.storage;
    const env = {
      ...{ TABLE_NAME: tableName, DYNAMODB_ENDPOINT: endpoint, AWS_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
    };
    const month = new Date().toISOString().slice(0, 7);
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [COMMAND, tenant, month], { env });
    const [first, ...records] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    return { usage: first as Usage, records: records as CallRecord[] };
  }

  /** Once IMS has answered a report of the node: it does within one interval and a half. */
  async function untilReported({ wire }: Someone, callId: string): Promise<CallNumbers> {
    let numbers: CallNumbers | undefined;
    await until(async () => {
      numbers = (await wire.ask({ action: 'call.numbers', callId })) as CallNumbers;
      return numbers.ims.roundTripMs !== undefined;
    }, 'IMS reports');
    if (!numbers) throw new Error('no numbers');
    return numbers;
  }

  it('is every attempt once, the call that was made with what it carried', async () => {
    const someone = await bench.logIn(bench.user('coast', 'ip-pbx'));
    const phone = await bench.call(someone);
    await phone.hear(60);
    const live = await untilReported(someone, phone.callId);
    await phone.command('call.hang-up');
    await phone.close();
    const start = (target: string) =>
      someone.wire.request({
        ...{ action: 'call.start', callId: randomUUID(), seq: 1, target, sdp: aBrowserSdp() },
      });
    await start('112');
    await start('busy');
    await someone.wire.next((it) => it.event === 'call.ended' && it.cause === 'busy');
    await until(async () => (await read('coast')).records.length === 3, 'three records');

    const { records, usage } = await read('coast');

    const [echo, emergency, busy] = records;
    expect(usage).toMatchObject({ calls: 3, answeredCalls: 1 });
    expect(usage.seconds).toBeGreaterThanOrEqual(1);
    expect(echo).toMatchObject({
      ...{ userName: someone.user.userName, direction: 'outgoing', cause: 'hung-up' },
      ...{ own: someone.session.impu, peer: 'sip:echo@coast.example', blame: 'user' },
      ...{ codec: 'PCMA', callId: phone.callId },
    });
    expect(bench.simulator.trace().some(({ text }) => text.includes(echo?.sipCallId ?? '?'))).toBe(
      true,
    );
    expect(echo?.media?.access.packetsReceived).toBeGreaterThan(30);
    expect(echo?.media?.ims.packetsSent).toBeGreaterThan(30);
    // On loopback nothing is lost and nothing is late, whoever measures it (MED-13).
    const leg = { codec: 'PCMA', packetsLost: 0, mos: expect.closeTo(4.4, 1) as number };
    const measured = { ...leg, jitterMs: expect.any(Number) as number };
    const far = { packetsLost: 0, mos: expect.closeTo(4.4, 1) as number };
    const media = { access: measured, ims: { ...measured, far } };
    expect(live).toMatchObject(media);
    expect(echo?.media).toMatchObject(media);
    expect(echo?.media?.ims.roundTripMs).toBeLessThan(1_000);
    expect(echo?.media?.ims.octetsSent).toBeGreaterThan(30 * 160);
    const { answeredMs = 0, dtlsMs = 0, iceMs = 0, soundToImsMs = 0 } = echo?.setUp ?? {};
    expect(iceMs).toBeGreaterThan(0);
    expect(dtlsMs).toBeGreaterThan(iceMs);
    expect(soundToImsMs).toBeGreaterThanOrEqual(answeredMs);
    expect(echo?.setUp?.soundToBrowserMs).toBeGreaterThanOrEqual(answeredMs);
    expect(live.setUp).toEqual(echo?.setUp);
    expect(echo?.answeredAtMs).toBeGreaterThanOrEqual(echo?.startedAtMs ?? Number.NaN);
    expect(emergency).toMatchObject({ cause: 'forbidden', code: 'call.emergency-refused' });
    expect(busy).toMatchObject({ cause: 'busy', sipStatus: 486, blame: 'peer' });
  });

  it('is nothing of another tenant', async () => {
    expect(await read('harbour')).toMatchObject({ usage: { calls: 0 }, records: [] });
  });
});
