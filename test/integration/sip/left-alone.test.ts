import { randomUUID } from 'node:crypto';
import { impi, impu, tenantId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import type {
  RegisterOutcome,
  SipUserAgent,
  SipUserAgentEvent,
  SipUserAgents,
} from '../../../media-node/src/ports/sip-user-agent.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { header, ScriptedRegistrar } from '../../support/scripted-registrar.ts';
import { anAccess, createUserAgents, Heard } from '../../support/sip-account-bench.ts';

const HOLD_MS = 30_000;

describe('REG-8, SES-7: a P-CSCF that is to be left alone', () => {
  let first: ScriptedRegistrar;
  let second: ScriptedRegistrar;
  let userAgents: SipUserAgents;
  let clock: FakeClock;

  beforeEach(async () => {
    first = await new ScriptedRegistrar('127.0.48.1').start();
    second = await new ScriptedRegistrar('127.0.48.2').start();
    for (const far of [first, second]) {
      far.on('REGISTER', (request) => {
        far.reply(request, 200, { headers: [`Contact: ${header(request, 'Contact')}`] });
      });
    }
    clock = new FakeClock();
    userAgents = createUserAgents(clock);
  });
  afterEach(async () => {
    await userAgents.close();
    await Promise.all([first.stop(), second.stop()]);
  });

  const open = async (fars: readonly ScriptedRegistrar[]) => {
    const heard = new Heard<SipUserAgentEvent>();
    const agent = userAgents.open(
      {
        ...{ tenant: tenantId('t1'), impu: impu('sip:alice@ims.test'), impi: impi('a@ims.test') },
        ...{
          secret: { kind: 'password', password: new Secret('x') },
          instanceId: `urn:uuid:${randomUUID()}`,
        },
        access: anAccess({ pcscf: fars.map(({ address: host, port }) => ({ host, port })) }),
      },
      heard.hear,
    );
    await heard.heard('flow-up');
    return { agent, heard };
  };
  const register = (agent: SipUserAgent): Promise<RegisterOutcome> =>
    new Promise((resolve) => {
      agent.register({ expiresS: 600, authorization: 'fresh' }, resolve);
    });

  const leave = (agent: SipUserAgent, rediscover = false): void => {
    agent.useNextProxy({ holdOffMs: HOLD_MS, rediscover });
  };

  it('is left by the one who was told so, and by nobody else', async () => {
    const { agent, heard } = await open([first, second]);
    const other = await open([first, second]);
    const up = heard.next('flow-up');

    leave(agent);
    await up;
    await Promise.all([register(agent), register(other.agent)]);

    expect(heard.kinds).toEqual(['flow-up', 'flow-lost', 'flow-up']);
    expect([first.received.length, second.received.length]).toEqual([1, 1]);
    expect(other.heard.kinds).toEqual(['flow-up']);
  });

  it('where it is the only one, stays in use, and whoever asked is told so', async () => {
    const { agent, heard } = await open([first]);

    leave(agent);
    await heard.heard('no-other-proxy');
    await register(agent);

    expect(heard.kinds).toEqual(['flow-up', 'no-other-proxy']);
    expect(first.connectionCount).toBe(1);
  });

  it('is the next again only once its time is over', async () => {
    const { agent, heard } = await open([first, second]);
    const moved = heard.next('flow-up');
    leave(agent);
    await moved;

    leave(agent);
    await heard.heard('no-other-proxy');
    clock.advance(HOLD_MS);
    const back = heard.next('flow-up');
    leave(agent, true);
    await back;
    await register(agent);

    expect([first.received.length, second.received.length]).toEqual([1, 0]);
  });

  it('and what awaited its answer has failed', async () => {
    first.on('REGISTER', () => undefined);
    const { agent } = await open([first, second]);
    const outcome = register(agent);

    leave(agent);

    expect(await outcome).toEqual({ kind: 'response-missed' });
  });

  it('a lost connection fails what awaits its answer at once, too', async () => {
    const { agent } = await open([first]);
    const arrived = new Promise<void>((resolve) => {
      first.on('REGISTER', () => {
        resolve();
      });
    });
    const outcome = register(agent);
    await arrived;

    first.cutConnections();

    expect(await outcome).toEqual({ kind: 'response-missed' });
  });
});
