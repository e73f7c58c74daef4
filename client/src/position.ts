/**
 * Whether `position` lies after `other` on the same feed.
 *
 * `<topic tag>.<partition>.<offset>`: offsets compare as numbers within one lane. Another lane means that the topic was made
 * again, so nothing of the old one says anything about the new one: it is after.
 */
export function isAfter(position: string, other: string | undefined): boolean {
  if (other === undefined) {
    return true;
  }
  const dot = position.lastIndexOf('.');
  const otherDot = other.lastIndexOf('.');
  return (
    position.slice(0, dot) !== other.slice(0, otherDot) ||
    Number(position.slice(dot + 1)) > Number(other.slice(otherDot + 1))
  );
}
