import fc from 'fast-check';
import {
  IncomingResponseMessage,
  LoggerFactory,
  NonInviteClientTransaction,
  OutgoingRequestMessage,
  TransactionState,
} from 'sip.js/lib/core/index.js';
import { headerize } from 'sip.js/lib/core/messages/utils.js';
import { keptAs } from '../../../../../media-node/src/adapters/sipjs/header-names.ts';
import { correctSipJs } from '../../../../../media-node/src/adapters/sipjs/sip-js-corrections.ts';
import { wireUri } from '../../../../../media-node/src/adapters/sipjs/wire-uri.ts';

const NAMES = ['via', 'Via', 'call-id', 'Call-ID', 'CSeq', 'www-authenticate', 'min-se', 'rack'];

function aRequest(): OutgoingRequestMessage {
  const uri = wireUri('sip:a@b.example');
  if (!uri) throw new TypeError('no URI');
  return new OutgoingRequestMessage('REGISTER', uri, uri, uri, { callId: 'c', cseq: 1 });
}

function aResponse(status: number): IncomingResponseMessage {
  const response = new IncomingResponseMessage();
  response.statusCode = status;
  return response;
}

describe('headers of sip.js', () => {
  beforeAll(correctSipJs);

  it('are kept under the names it gives them itself', () => {
    const name = fc.oneof(fc.constantFrom(...NAMES), fc.string());

    fc.assert(
      fc.property(name, (it) => {
        expect(keptAs(it)).toBe(headerize(it));
      }),
    );
  });

  it('are found whatever the case of their name', () => {
    const response = aResponse(200);
    response.addHeader('p-associated-uri', '<sip:a@b.example>');
    response.addHeader('P-Associated-URI', '<sip:c@b.example>');

    expect(response.getHeaders('P-ASSOCIATED-URI')).toEqual([
      '<sip:a@b.example>',
      '<sip:c@b.example>',
    ]);
    expect(response.getHeader('p-associated-uri')).toBe('<sip:a@b.example>');
    expect(response.hasHeader('P-Associated-Uri')).toBe(true);
    expect([response.getHeader('x-none'), response.getHeaders('x-none')]).toEqual([undefined, []]);
  });

  it('are written under their usual names', () => {
    const text = aRequest().toString();

    expect(text).toMatch(/^CSeq: 1 REGISTER$/m);
    expect(text).toMatch(/^Call-ID: c$/m);
  });
});

describe('RFC 3261 §17.1.2.2: a client transaction that was answered', () => {
  beforeAll(correctSipJs);

  it.each([
    ['TCP', TransactionState.Terminated],
    ['TLS', TransactionState.Terminated],
    ['UDP', TransactionState.Completed],
  ])('over %s is then %s', (protocol, state) => {
    const heard: (number | undefined)[] = [];
    const transaction = new NonInviteClientTransaction(
      aRequest(),
      { protocol, send: () => Promise.resolve() },
      {
        loggerFactory: Object.assign(new LoggerFactory(), { builtinEnabled: false }),
        onRequestTimeout: () => undefined,
        receiveResponse: ({ statusCode }) => heard.push(statusCode),
      },
    );

    transaction.receiveResponse(aResponse(100));
    expect(transaction.state).toBe(TransactionState.Proceeding);
    transaction.receiveResponse(aResponse(200));

    expect(heard).toEqual([100, 200]);
    expect(transaction.state).toBe(state);
    transaction.dispose();
  });
});
