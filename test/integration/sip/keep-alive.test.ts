import { bindingAnswer } from '../../../media-node/src/core/media/stun-message.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { header, ScriptedRegistrar } from '../../support/scripted-registrar.ts';
import { type Bench, createBench } from '../../support/sip-account-bench.ts';

describe('SES-7: a flow is kept open as the edge proxy wants it', () => {
  let far: ScriptedRegistrar;
  let bench: Bench;
  let clock: FakeClock;
  let probes: number;

  beforeEach(async () => {
    far = await new ScriptedRegistrar('127.0.47.1').start();
    clock = new FakeClock();
    bench = createBench(clock);
    probes = 0;
  });
  afterEach(async () => {
    await bench.accounts.close();
    await far.stop();
  });

  const register = async (transport: 'tcp' | 'udp', headers: readonly string[]) => {
    far.on('REGISTER', (request) => {
      const contact = `Contact: ${header(request, 'Contact')};expires=600000`;
      far.reply(request, 200, { headers: [contact, ...headers] });
    });
    const pcscf = [{ host: far.address, port: far.port }];
    const opened = bench.open({ access: { transport, pcscf } });
    opened.account.register();
    await opened.heard.heard('registered');
    return opened.heard;
  };
  /** Resolves with the number of binding requests once there is another. */
  const nextProbe = (answer: (request: Buffer) => Uint8Array | undefined): Promise<number> =>
    new Promise((resolve) => {
      far.answerStun((request, reply) => {
        probes += 1;
        const answered = answer(request);
        if (answered) reply(Buffer.from(answered));
        resolve(probes);
      });
    });
  const fromPort = (port: number) => (request: Buffer) =>
    bindingAnswer(request, { address: '192.0.2.1', port });
  /** Answers each ping, until told not to. */
  const pongs = () => {
    let answers = true;
    let pinged: () => void = () => undefined;
    far.whenConnected((socket) => {
      socket.on('data', (bytes) => {
        if (bytes.toString() !== '\r\n\r\n') return;
        if (answers) socket.write('\r\n');
        pinged();
      });
    });
    return {
      nextPing: () => new Promise<void>((resolve) => (pinged = resolve)),
      takePongs: (does: boolean) => {
        answers = does;
      },
    };
  };
  const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

  it('REGISTER asks for it (RFC 6223 §4.1)', async () => {
    await register('tcp', []);

    expect(header(far.received[0] as never, 'Via')).toMatch(/;keep(;|$)/);
  });

  it('over UDP by STUN, as often as Flow-Timer says, and is lost once that is not answered', async () => {
    const heard = await register('udp', ['Flow-Timer: 20']);
    const asked = nextProbe(fromPort(5060));
    clock.advance(20_000);
    await asked;
    await aMoment();

    nextProbe(() => undefined).catch(() => undefined);
    clock.advance(20_000);
    for (const waitMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000]) clock.advance(waitMs);
    expect(heard.kinds).toEqual(['registered']);
    clock.advance(8_000);

    expect(heard.kinds).toEqual(['registered', 'lost']);
  });

  it('and is another flow where we are seen from elsewhere', async () => {
    const heard = await register('udp', ['Require: outbound', 'Flow-Timer: 20']);
    const first = nextProbe(fromPort(5060));
    clock.advance(20_000);
    await first;
    await aMoment();

    const second = nextProbe(fromPort(5061));
    clock.advance(20_000);
    await second;

    expect((await heard.heard('lost')).reason).toBe('seen from another address');
  });

  it('who never answers STUN is sent CRLF, and is not gone for it', async () => {
    const heard = await register('udp', ['Flow-Timer: 20']);
    nextProbe(() => undefined).catch(() => undefined);

    clock.advance(20_000);
    for (const waitMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 8_000]) clock.advance(waitMs);
    await aMoment();
    const before = probes;
    for (let count = 0; count < 5; count += 1) clock.advance(20_000);
    await aMoment();

    expect([before, probes]).toEqual([7, 7]);
    expect(heard.kinds).toEqual(['registered']);
  });

  it('and one that has not said it serves keep-alives is not sent STUN at all', async () => {
    await register('udp', []);
    nextProbe(() => undefined).catch(() => undefined);

    for (let count = 0; count < 5; count += 1) clock.advance(30_000);
    await aMoment();

    expect(probes).toBe(0);
  });

  it('over TCP by CRLF, as often as `keep` says, and is lost where a pong stays out', async () => {
    const { nextPing, takePongs } = pongs();
    const heard = await register('tcp', ['Flow-Timer: 30']);
    // On its way in the same segment, the request would hide the ping behind it.
    await far.next('SUBSCRIBE');
    const first = nextPing();
    clock.advance(30_000);
    await first;
    await aMoment();
    takePongs(false);
    const second = nextPing();
    clock.advance(30_000);
    await second;
    expect(heard.kinds).toEqual(['registered']);

    clock.advance(10_000);

    expect(heard.kinds).toEqual(['registered', 'lost']);
  });
});
