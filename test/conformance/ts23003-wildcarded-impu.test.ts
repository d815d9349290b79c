import { extendedRegex } from '@isthmus/shared/domain/extended-regex';
import { isInSet, wildcardOf } from '@isthmus/shared/domain/wildcard-impu';

const D = 'ims.example';

describe('REG-1: 3GPP TS 23.003 §13.4B, a wildcarded public identity', () => {
  it.each([
    ['sip:web!.*!@ims.example', 'sip:webanna@ims.example', true],
    ['sip:web!.*!@ims.example', 'sip:web@ims.example', true],
    ['sip:chatlist!.*!@example.com', 'sip:chatlist1@example.com', true],
    ['sip:chatlist!.*!@example.com', 'sip:chatlist12@example.com', true],
    ['sip:chatlist!.*!@example.com', 'sip:chatlist42@example.com.evil.example', false],
    ['sip:!+4930555[0-9]{4}!@ims.example', 'sip:+49305551234@ims.example', false],
    ['sip:!\\+4930555[0-9]{4}!@ims.example', 'sip:+49305551234@ims.example', true],
    ['sip:!\\+4930555[0-9]{4}!@ims.example', 'sip:+493055512345@ims.example', false],
    ['sip:+4930555![0-9]{2,4}!@ims.example', 'sip:+493055512@ims.example', true],
    ['sip:+4930555![0-9]{2,4}!@ims.example', 'sip:+49305551@ims.example', false],
    ['sip:!sales|help!@ims.example', 'sip:help@ims.example', true],
    ['sip:!sales|help!@ims.example', 'sip:saleshelp@ims.example', false],
    ['sip:!sales!|!help!@ims.example', 'sip:sales!@ims.example', true],
  ])('%s covers %s: %s', (entry, identity, isCovered) => {
    expect(isInSet([entry], identity)).toBe(isCovered);
  });

  it('is written in the extended expressions of POSIX, matched as a whole', () => {
    const cases: readonly (readonly [string, string, boolean])[] = [
      ['a|b', 'b', true],
      ['(ab)+', 'abab', true],
      ['(ab)+', 'aba', false],
      ['a?b', 'b', true],
      ['[^0-9]+', 'abc', true],
      ['[^0-9]+', 'a1', false],
      ['[[:digit:]]{3}', '123', true],
      ['[[:alpha:]_]+', 'a_B', true],
      ['[]a]+', ']a', true],
      ['[a-]+', '-a', true],
      ['[a-c-]+', 'b-', true],
      ['a{0}', '', true],
      ['a{2,}', 'aaaa', true],
      ['a{2,}', 'a', false],
      ['a{2,3}', 'aaaa', false],
      ['\\.\\*', '.*', true],
      ['\\d+', '42', true],
      ['^a$', 'a', true],
      ['(a|(b|c){2})d', 'bcd', true],
      ['', '', true],
      ['()', '', true],
      ['(a*)*', 'aaa', true],
    ];
    for (const [source, text, expected] of cases) {
      expect([source, text, extendedRegex(source)?.matches(text)]).toEqual([
        source,
        text,
        expected,
      ]);
    }
  });

  it.each([
    '(',
    ')',
    'a)',
    '[a',
    '[]',
    '*a',
    '+',
    'a{2,1}',
    'a{256}',
    'a{x}',
    'a\\',
    '\\w',
    '(?:a)',
    '[b-a]',
    '[[:none:]]',
    '('.repeat(40) + ')'.repeat(40),
    '((((a{255}){255}){255}){255})',
    '(((((){255}){255}){255}){255})',
  ])('stands for nobody where %j is no such expression, or one beyond measure', (source) => {
    expect(extendedRegex(source)).toBeUndefined();
    expect(isInSet([`sip:!${source}!@${D}`], `sip:a@${D}`)).toBe(false);
  });

  it('from a hostile registrar costs no more than a kind one', () => {
    const identity = `sip:${'a'.repeat(200)}!@${D}`;
    for (const source of ['(a+)+', '(a|aa)*', '(a*)*b', '(a|a|a|a)*c', 'a{0,60}a{0,60}b']) {
      expect(isInSet([`sip:!${source}!@${D}`], identity)).toBe(false);
    }
  });

  it('covers no identity longer than any can be', () => {
    expect(isInSet([`sip:!.*!@${D}`], `sip:${'a'.repeat(300)}@${D}`)).toBe(false);
  });

  it.each(['sip:web!!@d', 'sip:web!a', 'sip:a@d', `sip:web!${'a'.repeat(65)}!@d`])(
    'is not %s',
    (text) => {
      expect(wildcardOf(text)).toBeUndefined();
    },
  );

  it('says which words of a length it covers, each once', () => {
    const words = [...(extendedRegex('(a|b|ab)[12]')?.words(['1', '2', 'a', 'b'], 2) ?? [])];

    expect(words).toEqual(['a1', 'a2', 'b1', 'b2']);
  });
});
