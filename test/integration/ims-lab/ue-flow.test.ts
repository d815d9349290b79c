import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { UdpFlow } from '../../support/ims-lab/udp-flow.ts';
import { until } from '../../support/until.ts';

const CORE_HOST = '127.0.20.1';
const PHONE_HOST = '127.0.0.1';

async function socketAt(host: string, port = 0): Promise<{ socket: Socket; heard: string[] }> {
  const heard: string[] = [];
  const socket = createSocket('udp4').bind(port, host);
  socket.on('message', (bytes) => heard.push(bytes.toString()));
  await once(socket, 'listening');
  return { socket, heard };
}

const said = (method: string, call: string) =>
  `${method} sip:x SIP/2.0\r\nCall-ID: ${call}\r\n\r\n`;

describe('a UE of the lab over UDP', () => {
  let core: Awaited<ReturnType<typeof socketAt>>;
  let flow: UdpFlow;
  let phones: Socket[] = [];

  beforeEach(async () => {
    phones = [];
    core = await socketAt(CORE_HOST);
    flow = await UdpFlow.open({ host: CORE_HOST, port: core.socket.address().port });
  });
  afterEach(() => {
    for (const socket of [core.socket, ...phones]) socket.close();
    flow.close();
  });

  const next = async () => {
    const { port, server } = await flow.join();
    const isHeardBefore = await flow.isHeard();
    const phone = await socketAt(PHONE_HOST, port);
    phones.push(phone.socket);
    const say = (text: string) => {
      phone.socket.send(text, server.port, server.host);
    };
    return { ...phone, say, isHeardBefore };
  };
  const coreSays = (text: string) => {
    core.socket.send(text, flow.port, PHONE_HOST);
  };

  it('speaks to the core from one port, whoever speaks, and is known to listen', async () => {
    const from: number[] = [];
    core.socket.on('message', (_, { port }) => from.push(port));

    for (const call of ['a', 'b']) {
      const { say, isHeardBefore } = await next();
      expect([isHeardBefore, await flow.isHeard()]).toEqual([false, true]);
      say(said('INVITE', call));
      await until(() => core.heard.includes(said('INVITE', call)));
    }

    expect(from).toEqual([flow.port, flow.port]);
  });

  it('RFC 3261 §17.1.1.2: hears nothing again of calls before its turn, called by it or not', async () => {
    const before = await next();
    before.say(said('INVITE', 'own'));
    await until(() => core.heard.length === 1);
    coreSays(said('INVITE', 'answered'));
    await until(() => before.heard.length === 1);
    const now = await next();

    for (const call of ['own', 'answered', 'new']) coreSays(said('BYE', call));

    await until(() => now.heard.length > 0);
    expect(now.heard).toEqual([said('BYE', 'new')]);
    expect(before.heard).toEqual([said('INVITE', 'answered')]);
  });
});
