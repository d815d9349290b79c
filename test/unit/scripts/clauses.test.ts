import { clausePage, clausesIn } from '../../../scripts/docs/clauses.mjs';

const clausesOf = (source: string, path = 'unit/a.test.ts') => [
  ...clausesIn([{ path, source }]).keys(),
];

describe('the clauses that a test names', () => {
  it.each([
    ["describe('RFC 3261 §10.2.8: a 423', () => {", ['RFC 3261 §10.2.8']],
    [
      "it('3GPP TS 24.229 §5.1.1.5, §5.1.1.7 – leaves', ",
      ['TS 24.229 §5.1.1.5', 'TS 24.229 §5.1.1.7'],
    ],
    ["it('comes again (TS 34.229-1 9.2)', ", ['TS 34.229-1 9.2']],
    ["describe.each(x)(\n  'REG-6: RFC 3310 §3.4 – over %s',", ['RFC 3310 §3.4']],
    ["// RFC 3261 §10.2 is why\nconst name = 'RFC 3261 §8.1';", []],
  ])('of %s', (source, clauses) => {
    expect(clausesOf(source)).toEqual(clauses);
  });

  it('stand on the page with what was on the other side', () => {
    const source = "it('RFC 3608 §5: takes the Service-Route', ";

    const page = clausePage(
      clausesIn([
        { path: 'conformance/a.test.ts', source },
        { path: 'integration/ims-lab/b.test.ts', source },
      ]),
    );

    expect(page).toContain(
      '| RFC 3608 §5 | vectors and the pure machine; real Kamailio P/I/S-CSCF | ' +
        '[conformance/a](../test/conformance/a.test.ts), ' +
        '[integration/ims-lab/b](../test/integration/ims-lab/b.test.ts) |',
    );
  });
});
