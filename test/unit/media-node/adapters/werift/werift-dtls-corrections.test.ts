import { guardHandshake } from '../../../../../media-node/src/adapters/werift/werift-dtls-corrections.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

type Server = Parameters<typeof guardHandshake>[0];
type Message = Parameters<Server['handleFragmentHandshake']>[0][number];

const fragment = (lengthBytes: number, fragmentBytes: number): Message =>
  ({
    msg_type: 11,
    length: lengthBytes,
    message_seq: 2,
    fragment_offset: 0,
    fragment_length: fragmentBytes,
    fragment: Buffer.alloc(fragmentBytes),
  }) as unknown as Message;

function aServer() {
  const handled: number[] = [];
  let assembled = 0;
  let dropped = 0;
  const server = {
    dtls: { handshakeCache: {} },
    cipher: {},
    onHandleHandshakes: (messages: readonly Message[]) => {
      handled.push(...messages.map((it) => it.msg_type));
      return Promise.resolve();
    },
    handleFragmentHandshake: (messages: Message[]) => {
      assembled += 1;
      return messages;
    },
  } as unknown as Server;
  const named = { algorithm: 'sha-256', values: ['AB'] };
  guardHandshake(server, named, {
    clock: new FakeClock(),
    onDropped: () => {
      dropped += 1;
    },
  });
  return { server, handled, counts: () => ({ assembled, dropped }) };
}

describe('SEC-4: fragments of a handshake', () => {
  it('are not kept without end', () => {
    const { server, counts } = aServer();

    for (let sent = 0; sent < 300; sent += 1) server.handleFragmentHandshake([fragment(900, 100)]);

    expect(counts()).toEqual({ assembled: 256, dropped: 44 });
  });

  it('announce no message larger than any browser sends', () => {
    const { server, counts } = aServer();

    server.handleFragmentHandshake([fragment(0xff_ffff, 100)]);
    server.handleFragmentHandshake([fragment(100, 100)]);

    expect(counts()).toEqual({ assembled: 1, dropped: 1 });
  });
});

describe('MED-7: a handshake message out of turn', () => {
  it('never reaches the library', async () => {
    const { server, handled, counts } = aServer();

    await server.onHandleHandshakes([fragment(100, 100)]);

    expect(handled).toEqual([]);
    expect(counts().dropped).toBe(1);
  });
});
