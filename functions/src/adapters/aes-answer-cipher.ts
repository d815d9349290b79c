import type { AnswerCipher } from '../ports/answer-cipher.ts';
import { decryptText, encryptText } from './aes-gcm.ts';

export const createAesAnswerCipher = ({ key }: { readonly key: Uint8Array }): AnswerCipher => ({
  encrypt: (answer, subject) => encryptText(key, answer, subject),
  decrypt: (encrypted, subject) => decryptText(key, encrypted, subject),
});
