import { ANSWERS } from '@isthmus/shared/wire/answers';
import { EVENTS } from '@isthmus/shared/wire/events';
import { parseRequest } from '@isthmus/shared/wire/parse';
import { REQUESTS } from '@isthmus/shared/wire/requests';
import { asyncApi } from '../../../scripts/docs/wire-protocol.mjs';
import { problemsOfAsyncApi } from '../../../scripts/docs/wire-rules.mjs';

const document = asyncApi();
const { messages } = document.components;

describe('CLI-3: the document of the wire protocol', () => {
  it('obeys AsyncAPI 3', () => {
    expect(problemsOfAsyncApi(document)).toEqual([]);
  });

  it.each(Object.keys(REQUESTS))('tells how %s is asked and answered', (action) => {
    expect(messages).toHaveProperty([`request.${action}`]);
    expect(messages).toHaveProperty([`answer.${action}`]);
    expect(document.operations).toHaveProperty([action]);
    expect(ANSWERS).toHaveProperty([action]);
  });

  it.each(Object.keys(EVENTS))('tells of the event %s', (event) => {
    expect(messages).toHaveProperty([`event.${event}`]);
  });

  it('shows requests that the functions take as they stand', () => {
    const examples = Object.entries(messages)
      .filter(([name]) => name.startsWith('request.') && name !== 'request.ping')
      .flatMap(([, message]) => message.examples ?? []);

    expect(examples.length).toBeGreaterThan(4);
    for (const { payload } of examples) {
      expect(parseRequest(JSON.stringify(payload))).toMatchObject({ ok: true });
    }
  });
});

describe('a document of the wire that is wrong', () => {
  it('is found out when a reference leads nowhere', () => {
    const broken = { ...document, components: { messages: {} } };

    expect(problemsOfAsyncApi(broken)).toContain('#/components/messages/refusal leads nowhere');
  });

  it('is found out when an example does not obey its schema', () => {
    const refusal = { ...messages['refusal'], examples: [{ payload: { re: 4 } }] };
    const broken = { ...document, components: { messages: { ...messages, refusal } } };

    expect(problemsOfAsyncApi(broken).join()).toContain('refusal: example');
  });
});
