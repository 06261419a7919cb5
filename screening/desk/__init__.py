"""The reviewer's desk: what is handed out next, how it is answered, keys, labels, marked words."""
