// What commands take for their options.
import { InvalidArgumentError } from 'commander';

/** Reads a whole number. */
export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
  };
}

/** Reads where a gateway is, also when that ends in the API's /v1. */
export function httpUrl(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && /^(\/v1)?\/?$/.test(url.pathname) && !url.search && !url.hash)
    return url.origin;
  throw new InvalidArgumentError('It is such as https://shop.example or http://127.0.0.1:8080.');
}
