import { REG_INFO_TYPE } from '../../media-node/src/core/registration/reg-event/reg-info.ts';
import { header, type ScriptedRegistrar, type Text } from './scripted-registrar.ts';

interface NotifyOptions {
  readonly body?: string;
  readonly contentType?: string;
  /** Subscription-State. */
  readonly state?: string;
  readonly event?: string;
  /** Tags of the dialog, where they are not to be right. */
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly callId?: string;
  readonly uri?: string;
  readonly cseq?: number;
}

/** The notifier's end of one subscription, as told by the test (RFC 6665 §4.2). */
export class RegNotifier {
  readonly #far: ScriptedRegistrar;
  readonly subscribe: Text;
  #cseq = 0;

  constructor(far: ScriptedRegistrar, subscribe: Text) {
    this.#far = far;
    this.subscribe = subscribe;
  }

  /** Sends NOTIFY and waits for its answer. */
  async notify(options: NotifyOptions = {}): Promise<Text> {
    const branch = this.send(options);
    return await this.#far.next(
      (it) => it.startLine.startsWith('SIP/2.0') && it.raw.includes(branch),
    );
  }

  send(options: NotifyOptions): string {
    const {
      body = '',
      contentType = REG_INFO_TYPE,
      event = 'reg',
      state = 'active;expires=7200',
    } = options;
    const from = header(this.subscribe, 'From').replace(/;tag=.*$/, '');
    const ownTag = /;tag=([^;]+)/.exec(header(this.subscribe, 'From'))?.[1] ?? '';
    this.#cseq += 1;
    return this.#far.request('NOTIFY', {
      ...{ body, contentType },
      uri: options.uri ?? /<([^>]+)>/.exec(header(this.subscribe, 'Contact'))?.[1] ?? '',
      headers: [
        `From: ${header(this.subscribe, 'To').replace(/;tag=.*$/, '')};tag=${options.fromTag ?? 'notifier'}`,
        `To: ${from};tag=${options.toTag ?? ownTag}`,
        `Call-ID: ${options.callId ?? header(this.subscribe, 'Call-ID')}`,
        `CSeq: ${String(options.cseq ?? this.#cseq)} NOTIFY`,
        `Contact: <sip:scscf@${this.#far.address}:${String(this.#far.port)}>`,
        ...(event === '' ? [] : [`Event: ${event}`]),
        ...(state === '' ? [] : [`Subscription-State: ${state}`]),
      ],
    });
  }

  accept(expiresS = 7200): void {
    this.#far.reply(this.subscribe, 200, {
      ...{ toTag: 'notifier', headers: [`Expires: ${String(expiresS)}`] },
    });
  }
}
