import { createHmac } from 'node:crypto';
import { sealStun } from '../../media-node/src/adapters/media/stun-integrity.ts';
import { bindingAnswer, readStun } from '../../media-node/src/core/media/stun-message.ts';

const REQUEST = Buffer.from(
  [
    '000100582112a442b7e7a701bc34d686fa87dfae',
    '802200105354554e207465737420636c69656e74',
    '002400046e0001ff',
    '80290008932ff9b151263b36',
    '000600096576746a3a68367659202020',
    '000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2',
    '80280004e57a3bcf',
  ].join(''),
  'hex',
);
const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';

describe('RFC 5769 §2.1: the sample request', () => {
  it('is read, and its integrity is that of the password', () => {
    const message = readStun(REQUEST);
    const covered = message?.integrity?.covered ?? new Uint8Array();

    expect(message).toMatchObject({ class: 'request', isBinding: true, username: 'evtj:h6vY' });
    expect(createHmac('sha1', PASSWORD).update(covered).digest()).toEqual(
      message?.integrity?.value,
    );
  });

  it('is left as it was: a reader downstream sees the same bytes', () => {
    const packet = Buffer.from(REQUEST);

    readStun(packet);

    expect(packet).toEqual(REQUEST);
  });

  it('is nothing once it is cut short or lengthened anywhere', () => {
    for (let length = 0; length < REQUEST.length; length += 1) {
      expect(readStun(REQUEST.subarray(0, length))).toBeUndefined();
    }
    expect(readStun(Buffer.concat([REQUEST, Buffer.alloc(4)]))).toBeUndefined();
  });

  it('has no integrity where an attribute claims more than there is', () => {
    const lying = Buffer.from(REQUEST);
    lying.writeUInt16BE(0xffff, 22);

    expect(readStun(lying)).toBeUndefined();
  });
});

describe('RFC 8445 §16.1: a check that names its pair (MED-5)', () => {
  const [PRIORITY, FINGERPRINT] = ['002400046e0001ff', '80280004e57a3bcf'];
  const [NAMING, NAMING_BEHIND] = ['0025000080280000', '0025000400000000'];
  const sampleWith = (instead: string, of: string) =>
    readStun(Buffer.from(REQUEST.toString('hex').replace(of, instead), 'hex'));

  it('is told from one that does not, and from one that says so behind its integrity', () => {
    expect(readStun(REQUEST)?.isNaming).toBeUndefined();
    expect(sampleWith(NAMING, PRIORITY)?.isNaming).toBe(true);
    expect(sampleWith(NAMING_BEHIND, FINGERPRINT)?.isNaming).toBeUndefined();
  });
});

describe('RFC 5769 §2.1: the sample request, sealed by us', () => {
  it('has the integrity and the fingerprint of the sample', () => {
    const bare = REQUEST.subarray(0, REQUEST.length - 32);

    expect(Buffer.from(sealStun(bare, PASSWORD)).toString('hex')).toBe(REQUEST.toString('hex'));
  });
});

describe('RFC 5769 §2.2: the sample response', () => {
  it('maps 192.0.2.1:32853 as the sample does', () => {
    const answer = bindingAnswer(REQUEST, { address: '192.0.2.1', port: 32_853 });

    expect(
      Buffer.from(answer ?? [])
        .subarray(20)
        .toString('hex'),
    ).toBe('002000080001a147e112a643');
    expect(readStun(answer ?? new Uint8Array())?.class).toBe('success');
  });
});

describe('RFC 5769 §2.3: the sample response to an IPv6 address', () => {
  it('maps it as the sample does', () => {
    const seenAt = { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 };

    expect(
      Buffer.from(bindingAnswer(REQUEST, seenAt) ?? [])
        .subarray(20)
        .toString('hex'),
    ).toBe('002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9');
  });

  it('is none where there is no address', () => {
    expect(bindingAnswer(REQUEST, { address: '', port: 1 })).toBeUndefined();
  });
});
