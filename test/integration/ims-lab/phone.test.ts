import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { openUeFlow } from '../../support/ims-lab/open-ue-flow.ts';
import { runSipp, startSipp } from '../../support/ims-lab/sipp.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import type { UeFlow } from '../../support/ims-lab/ue-flow.ts';

/** A second of talk is fifty packets; half of them is proof enough on a busy machine. */
const ENOUGH_PACKETS = 25;

describe.each(['udp', 'tcp'] as const)('a baresip in the IMS lab over %s', (transport) => {
  let lab: ImsLab;
  let bob: Baresip;
  let flow: UeFlow;

  beforeAll(async () => {
    lab = await startImsLab({ subscribers: [subscriber('alice'), subscriber('bob')] });
    flow = await openUeFlow(lab, 'udp');
    bob = await startBaresip(lab, { user: 'bob', password: 'pw-bob', transport });
    await runSipp({ lab, scenario: 'register', user: 'alice', password: 'pw-alice', flow });
  });
  afterAll(async () => {
    await bob.stop();
    await lab.stop();
    flow.close();
  });

  it('is called by sipp, with RTP both ways', async () => {
    const call = await runSipp({
      lab,
      scenario: 'call',
      user: 'alice',
      flow,
      target: 'sip:bob@ims.test',
    });

    expect(call).toMatchObject({ exitCode: 0 });
    await bob.waitFor('CALL_CLOSED');
    const { sent, received } = await bob.rtpOfLastCall();
    expect(sent).toBeGreaterThan(ENOUGH_PACKETS);
    expect(received).toBeGreaterThan(ENOUGH_PACKETS);
    expect(bob.headersSeen('INVITE', 'P-Asserted-Identity')).toContain('<sip:alice@ims.test>');
    await expect(bob.recordings()).resolves.not.toEqual([]);
  });

  it('calls sipp, with RTP both ways', async () => {
    const callee = await startSipp({ lab, scenario: 'answer-echo', user: 'alice', flow });

    bob.dial('sip:alice@ims.test');
    await bob.waitFor('CALL_ESTABLISHED');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    bob.hangUp();

    const answered = await callee.done;
    expect(answered).toMatchObject({ exitCode: 0 });
    expect(answered.log).toContain('caller= <sip:bob@ims.test>');
    await bob.waitFor('CALL_CLOSED');
    const { sent, received } = await bob.rtpOfLastCall();
    expect(sent).toBeGreaterThan(ENOUGH_PACKETS);
    expect(received).toBeGreaterThan(ENOUGH_PACKETS);
  });
});
