import { parseUri, type SipUri } from '../sip/sip-uri.ts';

/** Registration of many numbers by one Contact (RFC 6140). */
export const BULK_EXTENSION = 'gin';

/** A Contact for a block: `bnc`, and no user part (RFC 6140 §5.2). */
export function isBulkContact(contactUri: string): boolean {
  const uri = parseUri(contactUri);
  return isSip(uri) && uri.user === undefined && uri.params.has('bnc');
}

/** Whether `bnc` stands where it may not. */
export function isBadBulkContact(contactUri: string): boolean {
  const uri = parseUri(contactUri);
  return isSip(uri) && uri.user !== undefined && uri.params.has('bnc');
}

/** The Contact of one number of the block (RFC 6140 §5.3). */
export function contactOfNumber(contactUri: string, identity: string): string {
  const uri = parseUri(identity);
  const number = uri?.scheme === 'tel' ? uri.number : (uri?.user ?? '');
  return contactUri.replace(/;bnc(?=;|$)/i, '').replace(/^(sips?:)/i, `$1${number}@`);
}

/** The public GRUU of the block (RFC 6140 §7.1.1); each number is put in by the PBX. */
export function blockGruu(domain: string, contactParams: string): string {
  const [, instance] = /\+sip\.instance="<([^>"]+)>"/i.exec(contactParams) ?? [];
  return instance === undefined ? '' : `;pub-gruu="sip:${domain};bnc;gr=${instance}"`;
}

const isSip = (uri: ReturnType<typeof parseUri>): uri is SipUri =>
  uri !== undefined && uri.scheme !== 'tel';
