import { impu } from '@isthmus/shared/domain/ids';
import { frameOfStream } from '../../../media-node/src/adapters/sipjs/frame.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { INVALID_MESSAGES } from '../../conformance/vectors/rfc4475-invalid.ts';
import { SEMANTIC_MESSAGES } from '../../conformance/vectors/rfc4475-semantics.ts';
import { VALID_MESSAGES } from '../../conformance/vectors/rfc4475-valid.ts';
import { IPV6_MESSAGES } from '../../conformance/vectors/rfc5118.ts';
import type { TortureMessage } from '../../conformance/vectors/torture-message.ts';
import { header, ScriptedRegistrar, type Text } from '../../support/scripted-registrar.ts';
import { createBench, Heard } from '../../support/sip-account-bench.ts';

const REALM = { realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' };
const ALL = [...VALID_MESSAGES, ...INVALID_MESSAGES, ...SEMANTIC_MESSAGES, ...IPV6_MESSAGES];

/** What is no whole message would swallow or cut the stream, as it must. */
const isWholeInStream = ({ bytes }: TortureMessage): boolean => {
  const frame = frameOfStream(bytes);
  return typeof frame !== 'string' && frame.sizeBytes === bytes.length;
};

const statusWanted = ({ answeredWith, outcome }: TortureMessage): number | undefined =>
  outcome.kind === 'refused' ? outcome.status : answeredWith;

/** Addressed to the account, where the RFC's own address is nobody of ours. */
function sentTo(contact: string, { answeredWith, bytes }: TortureMessage): Buffer {
  if (answeredWith === undefined) return bytes;
  const text = bytes.toString('latin1').replace(/^(\S+) \S+ SIP/, `$1 ${contact} SIP`);
  return Buffer.from(text, 'latin1');
}

/** The first response to this very message. */
function isAnswerTo({ bytes }: TortureMessage, after: readonly Text[]): (text: Text) => boolean {
  const text = bytes.toString('utf8');
  const [, callId = ''] = /^(?:call-id|i)[ \t]*:[ \t]*(\S+)/im.exec(text) ?? [];
  const [, cseq = ''] = /^cseq\s*:\s*(\d+)/im.exec(text) ?? [];
  const known = new Set(after);
  return (it) =>
    /^\d{3}$/.test(it.kind) &&
    !known.has(it) &&
    header(it, 'Call-ID') === callId &&
    BigInt(header(it, 'CSeq').split(' ')[0] ?? '') === BigInt(cseq);
}

describe.each(['udp', 'tcp'] as const)('SEC-4: torture over %s', (transport) => {
  it('is answered as the RFC says, message by message, and a call goes on meanwhile', async () => {
    const far = await new ScriptedRegistrar().start();
    const bench = createBench();
    far.serveRegistrations(REALM);
    const { account, heard } = bench.open({
      access: { transport, pcscf: [{ host: far.address, port: far.port }] },
    });
    account.register();
    await heard.heard('registered');
    const legHeard = new Heard<SipLegEvent>();
    const leg = account.invite(
      { identity: impu('sip:alice@ims.test'), target: 'sip:bob@ims.test', sdp: 'v=0\r\n' },
      legHeard.hear,
    );
    const invite = await far.next('INVITE');
    far.reply(invite, 200, { headers: ['Contact: <sip:far@192.0.2.2>'], body: 'v=0\r\n' });
    await legHeard.heard('sip-answered');
    const contact = /<([^>]+)>/.exec(header(invite, 'Contact'))?.[1] ?? '';

    const messages = transport === 'udp' ? ALL : ALL.filter(isWholeInStream);
    const answers: Record<string, string | undefined> = {};
    for (const message of messages) {
      const before = [...far.received];
      far.send(sentTo(contact, message));
      if (statusWanted(message) === undefined) continue;
      answers[message.name] = (await far.next(isAnswerTo(message, before))).kind;
    }

    const wanted = messages
      .filter((it) => statusWanted(it) !== undefined)
      .map((it) => [it.name, String(statusWanted(it))]);
    expect(answers).toEqual(Object.fromEntries(wanted));
    leg.bye();
    await far.next('BYE');
    expect(legHeard.kinds).toEqual(['sip-answered']);
    expect(heard.kinds).not.toContain('lost');
    await bench.accounts.close();
    await far.stop();
  });
});
