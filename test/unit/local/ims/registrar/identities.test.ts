import {
  associatedUris,
  createSubscribers,
  mayUse,
} from '../../../../../local/src/ims/registrar/identities.ts';

const pbx = {
  domain: 'demo.example',
  impi: 'pbx@demo.example',
  password: 'x',
  impus: [
    'sip:pbx@demo.example',
    'sip:web!.*!@demo.example',
    'tel:+49301',
    'sip:mute@demo.example',
  ],
  barred: ['sip:mute@demo.example'],
};
const web1 = {
  domain: 'demo.example',
  impi: 'w@demo.example',
  password: 'x',
  impus: ['sip:web1@demo.example'],
};
const far = {
  domain: 'far.example',
  impi: 'f@far.example',
  password: 'x',
  impus: ['sip:web1@far.example', 'tel:+49301'],
};

describe('the implicit registration set', () => {
  it.each([
    ['sip:pbx@demo.example', true],
    ['sip:pbx@DEMO.example:5060;x=y', true],
    ['sip:web9@demo.example', true],
    ['sip:web@demo.example', true],
    ['tel:+49-30-1', true],
    ['sip:+49301@demo.example;user=phone', true],
    ['sip:Pbx@demo.example', false],
    ['sip:xweb9@demo.example', false],
    ['sip:web9@far.example', false],
    ['sip:mute@demo.example', false],
    ['sip:web!.*!@demo.example', true],
  ])('%s may be used: %s', (uri, expected) => {
    expect(mayUse(pbx, uri)).toBe(expected);
  });

  it('is told without its barred members', () => {
    expect(associatedUris(pbx)).toEqual(pbx.impus.slice(0, 3));
  });
});

describe('the owner of an identity', () => {
  const subscribers = createSubscribers([pbx, web1, far]);

  it('is the one who holds it distinctly, before a wildcard that fits too', () => {
    expect(subscribers.ownerOf('sip:web1@demo.example')?.subscriber.impi).toBe(web1.impi);
    expect(subscribers.ownerOf('sip:web2@demo.example')).toMatchObject({
      subscriber: { impi: pbx.impi },
      impu: 'sip:web2@demo.example',
    });
  });

  it('of a number is sought in the domain of the asker first', () => {
    expect(subscribers.ownerOf('tel:+49301', 'far.example')?.subscriber.impi).toBe(far.impi);
    expect(subscribers.ownerOf('tel:+49301', 'demo.example')?.subscriber.impi).toBe(pbx.impi);
  });

  it('is nobody for what nobody holds', () => {
    expect(subscribers.ownerOf('sip:ghost@demo.example')).toBeUndefined();
  });
});
