# Files of Keras 2: those of training that hebb does not know, and weights without their model.
source "$(dirname "$0")/_lib.sh"

# What h5py wrote, gzipped.
archive() { base64 -d | gunzip >"$1"; }
# A model of two inputs, compiled with an optimizer that is not Keras's.
archive strange.h5 <<'BASE64'
H4sIAAAAAAACA+1VPWzTQBQ+J2nqRklJS6sGBgiGCao0DSzNQCkNUAlQUdkoJbrY1/RUxw6205KWqCwMsLCwwICYYIWNDWWCFYkFhDqCBBMDK/DOPidOlPSH
MoDkT7LP93zvu7vvvbt3byZ3PhY5GAmKInLxiyOacPppbs+9u/ZpdiY3FzgiHA0ue58JIR5HKBFwxmX5+EgACQgND6JQk7PBPYlQEPWjIfZzmRjYzK8Qw6S6
hg6AE7DZj2ATiYgx9zifNpg9OsEoRIeigOVloildnSMeZ9aPnmbOMce5pCtEzcu6tkiLXRm+exiCjGGKtXGHwTIw1ahW3I6k7iEJ2e/N+vg3W9Rku6i3AoPe
aLjYSlUWhTkehQ88CuEoW4KgnAhywyG0DX4e/zE8Oz1zsfP84QTjizmarRJaXLLMu84e0W10fR/zjF5m2kRBmyGEVFwlRl7DJWJ21kUAoGZcGy3XqWcvsQ4z
573lWi889888ONc5Sg+Z5tUeZ2hqJ5l/w8080MbRbxtxeECR23r31+d+8r7T1J+9FezlQuCFY+AZaLIIbWxuPziEhIHkYZ6WSTQiopENJgXsJRgRIRdCAkp4
ZwE8Rf88Nh6/+foHByy8n0kjQrpoRM2mP/LTEx5g5nCBYjObfs7DjkZ3t6S14SfrWxwwfmA/h3iA+jffN4IJOdPpvOwkeGLCe+8AXqD/Dl8evXyFfPw9XJie
vWQnUbw1odzMzqQyqVPtdw/AIpqpG4uqvtqsiMitkoB1SVaxado3m5RNSlfJzQrRLIpVaTQpOVUS7OuSO8BkdrtUmNCdb/fPwXyki6vC7HYFxgWVWSyjQsBU
wJa8lKdauWLlzSVcZr/mtYqqjiYzC/Bfsaq2TYJtYOtkhtFUNGqxBYzDN5YtuoItqBP2AmmxpFN7ropJ8uwG4FPVagu1Gmo9XPWGDnrZoiW6BiXQs/TWzU0p
+CxRKVls26BqQJNOpdliFCLjqtOt1ZhUusnmlwqwa6Oalw3og8CGXq4ylhKxDCrbUsI+5IqB5arENm3iUlklvHDnWRWHMY4oNqdb0rm11pYPbn4oqFlft8qL
3i755FYQt1XGnCu1r41PGXNv4Na8vRLzz64PHz58+PDhw4cPHz587A53JuF5DR+TvwH9UwLNDBgAAA==
BASE64
archive weights.h5 <<'BASE64'
H4sIAAAAAAACA+v0cHHj5ZLiYubgYICB/1DAIwHhG0DFXS5G3fH3cAliUmRUZs5GxsyMAgIMDI8YIer0oOq5mBiAIqJCDCwIM+Fm+zIwMDPwMIgAIUNOYmVq
UXxeYm5qMYMkUAvQLDCGmMfBwMQIBFBDUWgOBJvHEmQgB9A4oG1JicnZqXkp2A0DuQxJM4jPYw/SzAfRnJ1alFgcX5ZaVJyZn4fTCFYkI5jB5INVn/LBwaOA
HjwVTELI4QoD+MIHFJ4CTBDjs6BeZuMBOYExpY0ZKiDHQAD0X1+23d/Zwxu7/TDz/KFhOq1r42qQap44kJd4IXFTnpqZnlFCIHKgDmWA0cjhywpjQvlAzzLE
v+vuAgcV0HpGFaA+JoQZjGhmwfjMIgyMggryYP0MDAoM4hwM4vUg84GhyMzFAfQhCyMDNMXC0/IChkEP6mcdf0VGsmETBgUNBzCx5qXmWBlUQYOLTRAkzJaU
mVhsZSDJArVDhzQnLS/Z4gaPHmAawJb/iIkODglElIPBBoYhB57P3LiDYRSMguEJ3J39fcBZWgBL9QoEKdhKdiAoSc0rzi9Ky8kvR64CodUiEBjpGemZIGV9
WImcog8pmljRzEvRh5VkqO7L4B+No1EwCkbBKBgFo2AUjIJRMApGwSgYBaOActBgD8T7gQx7AH17RF4MGAAA
BASE64

# It is used without its training, as Keras does.
run 0 summary strange.h5
has out 'Dense'
has err 'hebb: warning: strange.h5'
has err 'AdaBelief'
run 0 convert strange.h5 m.keras
has err 'hebb: warning: strange.h5'
run 0 verify m.keras
has out 'not compiled'
printf '1,2\n' >x.csv
run 0 predict strange.h5 --input x.csv --output -
has out '0.377'
is_empty err
run 0 train strange.h5 --data moons --epochs 1 --optimizer adam --out m.keras
has err 'hebb: warning: strange.h5'
# Whoever wants the training itself is told.
run 1 train strange.h5 --data moons --epochs 1 --out never.keras
is_error
has err 'AdaBelief'
has err '--optimizer'
missing never.keras
run 1 evaluate strange.h5 --data moons
is_error
has err 'AdaBelief'

run 0 verify weights.h5
has out 'weights without their model, as Keras 2 stored them'
has out 'd: 2 arrays'
has out 'parameters  3'
has out 'no problems'
run 0 verify weights.h5 --json
is_json out
has out '"weights_only": true'
has out '"arrays": 2'
run 1 summary weights.h5
is_error
has err 'weights without their model'

finish
