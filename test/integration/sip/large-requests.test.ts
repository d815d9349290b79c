import { impu } from '@isthmus/shared/domain/ids';
import type { SipLeg, SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { header, ScriptedRegistrar } from '../../support/scripted-registrar.ts';
import { type Bench, createBench, Heard } from '../../support/sip-account-bench.ts';

const REALM = { realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' };
const LARGE_SDP = `v=0\r\n${'a=x-filler:0123456789\r\n'.repeat(60)}`;

describe('SES-7: a request of more than 1300 bytes on a UDP trunk', () => {
  let far: ScriptedRegistrar;
  let bench: Bench;

  beforeEach(async () => {
    far = await new ScriptedRegistrar('127.0.44.1').start();
    far.serveRegistrations(REALM);
    bench = createBench();
  });
  afterEach(async () => {
    await bench.accounts.close();
    await far.stop();
  });

  async function call(
    sdp: string,
    largeRequests?: 'tcp' | 'udp',
    beforehand: () => Promise<void> = () => Promise.resolve(),
  ): Promise<{ readonly leg: SipLeg; readonly legHeard: Heard<SipLegEvent> }> {
    const pcscf = [{ host: far.address, port: far.port }];
    const { account, heard } = bench.open({
      access: { transport: 'udp', pcscf, ...(largeRequests && { largeRequests }) },
    });
    account.register();
    await heard.heard('registered');
    await beforehand();
    const legHeard = new Heard<SipLegEvent>();
    const identity = impu('sip:alice@ims.test');
    const leg = account.invite({ identity, target: 'sip:bob@ims.test', sdp }, legHeard.hear);
    return { leg, legHeard };
  }

  it('RFC 3261 §18.1.1: leaves by TCP, from the port that is registered', async () => {
    const ports: unknown[] = [];
    far.whenConnected((socket) => ports.push(socket.remotePort));
    const { leg, legHeard } = await call(LARGE_SDP, 'tcp');

    const invite = await far.next('INVITE');
    far.reply(invite, 200, { headers: ['Contact: <sip:far@192.0.2.2>'], body: 'v=0\r\n' });
    await legHeard.heard('sip-answered');
    const ack = await far.next('ACK');
    leg.bye();
    await far.next('BYE');

    const [, port] = /@[^:]+:(\d+)/.exec(header(invite, 'Contact')) ?? [];
    expect(header(invite, 'Via')).toMatch(/^SIP\/2\.0\/TCP /);
    expect(invite.body).toBe(LARGE_SDP);
    expect(ports).toEqual([Number(port)]);
    expect(header(ack, 'Via')).toMatch(/^SIP\/2\.0\/UDP /);
  });

  it('RFC 3261 §9.1: takes its CANCEL and its ACK along', async () => {
    const { leg, legHeard } = await call(LARGE_SDP, 'tcp');
    const invite = await far.next('INVITE');
    far.reply(invite, 180, { headers: ['Contact: <sip:far@192.0.2.2>'] });
    await legHeard.heard('sip-progressed');

    leg.cancel();

    const cancel = await far.next('CANCEL');
    far.reply(cancel, 200);
    far.reply(invite, 487);
    const ack = await far.next('ACK');
    expect(header(cancel, 'Via')).toBe(header(invite, 'Via'));
    expect(header(ack, 'Via')).toBe(header(invite, 'Via'));
  });

  it('leaves by UDP all the same where TCP is refused', async () => {
    const { legHeard } = await call(LARGE_SDP, 'tcp', () => far.refuseTcp());

    const invite = await far.next('INVITE');
    far.reply(invite, 486);

    expect(header(invite, 'Via')).toMatch(/^SIP\/2\.0\/UDP /);
    expect((await legHeard.heard('sip-rejected')).status).toBe(486);
  });

  it.each([
    ['stays on UDP where the tenant has not chosen TCP', LARGE_SDP, undefined],
    ['that is not larger stays on UDP', 'v=0\r\n', 'tcp'],
  ] as const)('%s', async (_what, sdp, largeRequests) => {
    await call(sdp, largeRequests);

    expect(header(await far.next('INVITE'), 'Via')).toMatch(/^SIP\/2\.0\/UDP /);
    expect(far.connectionCount).toBe(0);
  });
});
