/** Whether an Accept header takes a media type. */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header === '*/*') return true;
  const ranges = ['*/*', `${type.split('/')[0]}/*`, type];
  return header.split(',').some((text) => {
    const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
    return ranges.includes(range) && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
