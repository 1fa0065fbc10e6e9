// A client of the stream from its specification alone: follows a book by its checksums and submits orders.
// Reads {url, market, orders} and writes {bids, asks, checksums, answers}.
import { readFileSync } from "node:fs";
import WebSocket from "ws";

const { url, market, orders } = JSON.parse(readFileSync(0, "utf8"));
const TOP = 10;

const table = Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
    return byte >>> 0;
});
const crc32 = (text) => {
    let sum = 0xffffffff;
    for (const byte of Buffer.from(text)) sum = (sum >>> 8) ^ table[(sum ^ byte) & 0xff];
    return (sum ^ 0xffffffff) >>> 0;
};

const book = { bids: new Map(), asks: new Map(), entry: 0, checksums: 0 };
const sorted = (side, sign) => [...side].sort(([one], [other]) => sign * (Number(one) - Number(other)));
const levels = () => [sorted(book.bids, -1), sorted(book.asks, 1)];

function take(push) {
    if (push.snapshot) [book.bids, book.asks] = [new Map(), new Map()];
    else if (push.prev !== book.entry) throw new Error(`a push was missed: ${push.prev}, not ${book.entry}`);
    for (const side of ["bids", "asks"])
        for (const [price, size] of push[side])
            if (size === "0") book[side].delete(price);
            else book[side].set(price, size);
    book.entry = push.entry;
    const [bids, asks] = levels();
    const top = [...bids.slice(0, TOP), ...asks.slice(0, TOP)].map((level) => level.join(":")).join("|");
    if (crc32(top) !== push.checksum) throw new Error(`the checksum of entry ${push.entry} differs`);
    book.checksums++;
}

const answers = new Map();
const socket = new WebSocket(url);
socket.on("open", () => {
    socket.send(JSON.stringify({ id: 0, op: "subscribe", channel: "book", market }));
    orders.forEach((order, place) =>
        socket.send(JSON.stringify({ id: place + 1, op: "submit", messages: [order] })),
    );
});
socket.on("message", (text) => {
    const told = JSON.parse(text);
    if (told.channel === "book") take(told);
    if (told.error) throw new Error(JSON.stringify(told.error));
    if (told.id) answers.set(told.id, told.result.results[0]);
    const last = Math.max(...[...answers.values()].map((answer) => answer.order.entry));
    if (answers.size === orders.length && book.entry >= last) socket.close();
});
socket.on("error", (error) => {
    throw error;
});
socket.on("close", () => {
    const [bids, asks] = levels();
    const inOrder = orders.map((_, place) => answers.get(place + 1));
    console.log(JSON.stringify({ bids, asks, checksums: book.checksums, answers: inOrder }));
});
