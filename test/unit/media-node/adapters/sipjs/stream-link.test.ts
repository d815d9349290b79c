import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { streamLink } from '../../../../../media-node/src/adapters/sipjs/stream-link.ts';

function aLink() {
  const written: string[] = [];
  const socket = Object.assign(new EventEmitter(), {
    localPort: 5060,
    write: (text: string) => written.push(text),
    destroySoon: () => written.push('closed'),
  });
  const nothing = (): void => undefined;
  const events = { onFrame: nothing, onPong: nothing, onLost: nothing, onDropped: nothing };
  return { written, link: streamLink(socket as unknown as Socket, 'TCP', events) };
}

const theTurnIsOver = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('REG-5: messages over a stream', () => {
  it('leave in one write where they are sent at one go, in their order', async () => {
    const { link, written } = aLink();

    link.send('one ');
    link.send('two ');
    await theTurnIsOver();
    link.send('three');
    await theTurnIsOver();

    expect(written).toEqual(['one two ', 'three']);
  });

  it('leave before the stream is closed', () => {
    const { link, written } = aLink();

    link.send('BYE');
    link.close();

    expect(written).toEqual(['BYE', 'closed']);
  });
});
