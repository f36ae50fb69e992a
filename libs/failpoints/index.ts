export { allowFailpoints, armed, type FailpointMessage, reach } from './failpoints.ts';
export { type Act, acts, type Moment, moments, type Operation, type Point, points, type Side } from './points.ts';
export { type Arming, type Effect, effects, format, parse } from './spec.ts';
