import type { EngineError, Json } from './engine.ts';

const DYNAMODB = 'com.amazonaws.dynamodb.v20120810';

function refusal(type: string, message: string, extra: Json = {}): EngineError {
  const body = { __type: type, message, ...extra };
  return Object.assign(new Error(message), { statusCode: 400, body });
}

export const dynamoRefusal = (type: string, message: string, extra?: Json): EngineError =>
  refusal(`${DYNAMODB}#${type}`, message, extra);

export const validationRefusal = (message: string): EngineError =>
  refusal('com.amazon.coral.validate#ValidationException', message);

export const unknownOperation = (): EngineError =>
  refusal('com.amazon.coral.service#UnknownOperationException', '');

export const isRefusal = (error: unknown): error is EngineError =>
  error instanceof Error && 'statusCode' in error && 'body' in error;

export const isConditionFailure = (error: unknown): error is EngineError =>
  isRefusal(error) && error.body.__type.endsWith('#ConditionalCheckFailedException');
